/** Runs commands of the host with deadlines, bounded output and typed errors. */
module io.openme.exec {
    requires org.apache.commons.exec;
    requires static transitive org.jspecify;

    exports io.openme.exec;
}
