/** Runs commands of the host with deadlines, bounded output and typed errors. */
module io.openme.exec {
    requires org.apache.commons.exec;
    requires static transitive org.jspecify;
    requires org.slf4j;
}
