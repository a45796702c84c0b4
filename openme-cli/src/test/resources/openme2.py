#!/usr/bin/env python3
#
# A client of openme/2, and of openme/1 where the server speaks no more.
#
# This is a second implementation, written from docs/protocol.md alone, as a check of that document: whoever wrote it had
# seen nothing else of the project. Python 3.11, standard library only.
#
# Exit codes: 0 every result is OK, 1 some are KO, 2 usage (or openme/1 cannot say it), 3 unreachable, or the connection ended
# without a result (or with none that the grammar allows), 4 TLS refused, by either side.
"""Send lines of openme/2 to a server, and print each reply as a line of JSON."""

import argparse
import ipaddress
import json
import os
import re
import socket
import ssl
import sys
import time
from contextlib import suppress
from urllib.parse import unquote

EXIT_OK, EXIT_KO, EXIT_USAGE, EXIT_NO_RESULT, EXIT_TLS = range(5)

V1, V2 = "openme/1", "openme/2"
ALPN = {"none": [], V1: [V1], V2: [V2], "both": [V2, V1]}

CONNECT_SECONDS = 10
REPLY_SECONDS = 20        # the server gives up after 15
MAX_REPLY_LINE = 16384
SERVER_AUTH = bytes.fromhex("06082b06010505070301")  # the DER of the OID id-kp-serverAuth


class Unsayable(Exception):
    """The lines have no equivalent in openme/1."""


class NoResult(Exception):
    """The connection ended without a result, or the reply breaks the grammar."""


# ---- What a reply may hold ---------------------------------------------------------------------------------------------------

def is_ip(text):
    """Whether the text is an address of the grammar: IPv4 without leading zeros, or IPv6 without a zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def pattern(regex):
    """A check that the whole text matches."""
    return re.compile(regex).fullmatch


NAME, SERVICE, WORD = "[a-z][a-z0-9-]{0,31}", "[a-z][a-z0-9-]{0,30}", "[A-Z]{1,16}"
NUMBER = pattern("[0-9]+")
# The parameters known of each reply line, and what their values look like. All others are ignored, as are other items.
KNOWN = {
    "HELD": {"address": is_ip, "service": pattern(SERVICE), "remaining": NUMBER, "client": pattern("[0-9a-f]{64}"),
             "name": pattern("([A-Za-z0-9._@-]|%[0-9A-Fa-f]{2})+")},
    "OK": {"address": is_ip, "services": pattern(f"{SERVICE}(,{SERVICE})*"), "lifetime": NUMBER, "closed": NUMBER,
           "held": NUMBER, "more": NUMBER},
    "KO": {"reason": pattern(NAME), "retry-after": NUMBER},
}
is_word, split_parameter = pattern(WORD), pattern(f"({NAME})=([!-~]+)")


def parse_line(line):
    """The word of a reply line and its known parameters; what breaks the grammar, even in what is unknown, is NoResult."""
    word, *rest = line.split(" ")
    if not is_word(word):
        raise NoResult(f"not a reply line: {line!r}")
    known, seen, parameters = KNOWN.get(word, {}), [], {}
    for text in rest:
        match = split_parameter(text)
        if not match or match[1] in seen:
            raise NoResult(f"malformed or repeated parameter {text!r} in {line!r}")
        name, value = match.groups()
        seen.append(name)
        if name not in known:
            continue
        if not known[name](value):
            raise NoResult(f"malformed value {text!r} in {line!r}")
        parameters[name] = unquote(value) if name == "name" else value
    if word == "KO" and "reason" not in parameters:
        raise NoResult(f"a KO must have its reason: {line!r}")
    return word, parameters


# ---- The connection ----------------------------------------------------------------------------------------------------------

class Channel:
    """TLS over a TCP socket, through memory, so that the first command can leave together with the end of the handshake."""

    def __init__(self, sock, context, name):
        self.sock, self.received, self.deadline = sock, b"", 0.0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def allow(self, seconds):
        """Set the time by which all that follows must have happened."""
        self.deadline = time.monotonic() + seconds

    def handshake(self):
        """Shake hands, but keep the last flight back for flush(). Returns the negotiated protocol, "" if none."""
        self._drive(self.tls.do_handshake)
        # OpenSSL also takes a certificate without any extended key usage. It must name serverAuth.
        if SERVER_AUTH not in self.tls.getpeercert(binary_form=True):
            raise ssl.SSLError(1, "the server's certificate does not name serverAuth")
        return self.tls.selected_alpn_protocol() or ""

    def send(self, data):
        """Send bytes, and whatever of the handshake is still here, at once."""
        self.tls.write(data)
        self.flush()

    def read_until_lf(self, limit):
        """The bytes up to an LF and with it; fewer where the stream ends or the limit is reached."""
        while b"\n" not in self.received[:limit] and len(self.received) < limit:
            try:
                data = self._drive(self.tls.read, 16384)
            except ssl.SSLEOFError:
                data = b""
            if not data:
                break
            self.received += data
        end = self.received.find(b"\n", 0, limit) + 1 or min(limit, len(self.received))
        line, self.received = self.received[:end], self.received[end:]
        return line

    def close(self):
        """Say that nothing follows (close_notify), and go."""
        with self.sock:
            with suppress(ssl.SSLError):  # the server has not closed its side yet, or the session has failed already
                self.tls.unwrap()
            with suppress(OSError):
                self.flush()

    def flush(self):
        """Send what TLS has to say. A connection that the server ended is no error here: its alert may still be readable."""
        self._set_timeout()
        with suppress(ConnectionError):
            self.sock.sendall(self.outgoing.read())

    def _drive(self, step, *arguments):
        """Run a step of TLS, and feed it from the network until it is done."""
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                self.flush()
            except ssl.SSLError:
                self.flush()  # our own alert, if we are the one who refuses
                raise
            self._set_timeout()
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            if data:
                self.incoming.write(data)
            else:
                self.incoming.write_eof()

    def _set_timeout(self):
        self.sock.settimeout(max(0.01, self.deadline - time.monotonic()))


# ---- The two versions --------------------------------------------------------------------------------------------------------

def translate(lines):
    """The one command of openme/1 that means the same as these lines of openme/2."""
    if len(lines) != 1:
        raise Unsayable("openme/1 takes one command in a connection")
    match = re.fullmatch("(OPEN|CLOSE)(?: address=([^ ]+))?", lines[0])
    if not match or match[2] and not is_ip(match[2]):
        raise Unsayable(f"openme/1 cannot say {lines[0]!r}")
    verb = {"OPEN": "OPENME", "CLOSE": "MEOPEN"}[match[1]]
    return f"{verb} {match[2]}" if match[2] else verb


def talk_v1(channel, lines):
    """Send the one command; yields its reply, which needs neither a line end nor an orderly end of TLS."""
    channel.send(translate(lines).encode() + b"\n")
    channel.allow(REPLY_SECONDS)
    answer = re.fullmatch(b"(OK|KO)(\r?\n)?", channel.read_until_lf(5))
    if not answer:
        raise NoResult("the connection ended without an answer, or with one that is neither OK nor KO")
    yield {"result": answer[1].decode()}


def talk_v2(channel, lines, pipeline):
    """Send the lines, all at once or each after the reply to the one before; yields the replies."""
    lines = [os.fsencode(line) + b"\n" for line in lines]
    if pipeline:
        channel.send(b"".join(lines))
    for line in lines:
        channel.allow(REPLY_SECONDS)
        if not pipeline:
            channel.send(line)
        yield read_reply(channel)


def read_reply(channel):
    """Read items up to a result, all of it."""
    items = []
    while True:
        line = channel.read_until_lf(MAX_REPLY_LINE)
        if not line.endswith(b"\n"):
            raise NoResult("the connection ended without a result, or a reply line is too long")
        word, parameters = parse_line(line[:-1].decode("latin-1"))
        if word in ("OK", "KO"):
            return {"items": items, "result": word, "parameters": parameters}
        if word in KNOWN:
            items.append({"word": word, **parameters})


# ---- The command line --------------------------------------------------------------------------------------------------------

def tls_context(options):
    """TLS 1.3 with our certificate, and trust in one CA. Names count only as subject alternative names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.hostname_checks_common_name = False
    context.load_verify_locations(options.ca)
    context.load_cert_chain(options.cert, options.key)
    if ALPN[options.alpn]:
        context.set_alpn_protocols(ALPN[options.alpn])
    return context


def converse(options, context):
    """Connect, send everything, print every reply. Returns whether all results are OK."""
    source = (options.source, 0) if options.source else None
    sock = socket.create_connection((options.server, options.port), CONNECT_SECONDS, source)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    channel = Channel(sock, context, options.name)
    try:
        channel.allow(CONNECT_SECONDS)
        protocol = channel.handshake()
        print(json.dumps({"protocol": protocol}), flush=True)
        replies = talk_v2(channel, options.commands, options.pipeline) if protocol == V2 else talk_v1(channel, options.commands)
        all_ok = True
        for reply in replies:
            print(json.dumps(reply), flush=True)
            all_ok = all_ok and reply["result"] == "OK"
        return all_ok
    finally:
        channel.close()


def main():
    """Parse the command line, converse, and turn what happened into an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="where to connect")
    parser.add_argument("--port", type=int, default=54154)
    parser.add_argument("--name", required=True, help="the DNS name or IP address that the certificate must have")
    for name in ("cert", "key", "ca"):
        parser.add_argument(f"--{name}", required=True, metavar="FILE")
    parser.add_argument("--pipeline", action="store_true", help="send all lines before reading")
    parser.add_argument("--from", dest="source", metavar="ADDRESS", help="the source address")
    parser.add_argument("--alpn", choices=ALPN, default="both")
    parser.add_argument("commands", nargs="+", metavar="COMMAND", help='a line, for example "OPEN services=ssh"')
    options = parser.parse_args()
    if any("\n" in command for command in options.commands):
        parser.error("a command is one line")
    try:
        context = tls_context(options)
    except OSError as error:
        parser.error(f"certificates: {error}")

    try:
        return EXIT_OK if converse(options, context) else EXIT_KO
    except (Unsayable, NoResult, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        if isinstance(error, Unsayable):
            return EXIT_USAGE
        refused = isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError)
        return EXIT_TLS if refused else EXIT_NO_RESULT


if __name__ == "__main__":
    sys.exit(main())
