package io.openme.cli;

/** What the program ends with; scripts rely on it. */
final class ExitCode {
    /** Done; for a knock: the server said OK. */
    static final int OK = 0;
    /** The server said KO. */
    static final int REFUSED = 1;
    /** An audit log is not what was written. */
    static final int BROKEN = 1;
    /** Wrong usage or configuration, or what it says can't be done here. */
    static final int USAGE = 2;
    /** The server can't be reached, or did not answer in time. */
    static final int UNREACHABLE = 3;
    /** The server does not accept this client, or this client does not believe the server. */
    static final int NOT_AUTHENTICATED = 4;
    /** The doorman could not go on; started again, it may. */
    static final int FAILED = 5;
    /** A fault of this program: EX_SOFTWARE of sysexits.h. */
    static final int BUG = 70;

    private ExitCode() {}
}
