package io.openme.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.Provider;
import java.security.Security;
import java.util.stream.Stream;

/** The arrows between the modules, and what none of them may do to a program that it is part of. */
@AnalyzeClasses(packages = "io.openme", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] CORE = {
        "io.openme.audit..",
        "io.openme.doorman..",
        "io.openme.firewall..",
        "io.openme.internal..",
        "io.openme.knocker..",
        "io.openme.pki..",
        "io.openme.policy..",
        "io.openme.protocol..",
        "io.openme.tls.."
    };
    private static final String SPI = "io.openme.spi..";
    private static final String EXEC = "io.openme.exec..";
    private static final String NFTABLES = "io.openme.nftables..";
    private static final String IPTABLES = "io.openme.iptables..";
    private static final String MICROMETER = "io.openme.micrometer..";
    private static final String CLI = "io.openme.cli..";
    private static final String TESTKIT = "io.openme.testkit..";

    @ArchTest
    static final ArchRule everyModuleIsLookedAt = classes()
            .should()
            .resideInAnyPackage(
                    Stream.concat(Stream.of(CORE), Stream.of(SPI, EXEC, NFTABLES, IPTABLES, MICROMETER, CLI, TESTKIT))
                            .toArray(String[]::new));

    @ArchTest
    static final ArchRule theSpiDependsOnNothingOfOurs = noClasses()
            .that()
            .resideInAPackage(SPI)
            .should()
            .dependOnClassesThat(resideInAPackage("io.openme..").and(resideOutsideOfPackages(SPI)));

    @ArchTest
    static final ArchRule theCoreNamesNoBackend = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(EXEC, NFTABLES, IPTABLES, MICROMETER, CLI, TESTKIT);

    @ArchTest
    static final ArchRule onlyItsModuleAndTheProgramKnowMicrometer = noClasses()
            .that()
            .resideOutsideOfPackages(MICROMETER, CLI)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "io.prometheus..");

    @ArchTest
    static final ArchRule aBackendNeverSeesTheCore = noClasses()
            .that()
            .resideInAPackage(NFTABLES)
            .should()
            .dependOnClassesThat(resideInAPackage("io.openme..").and(resideOutsideOfPackages(NFTABLES, SPI, EXEC)));

    @ArchTest
    static final ArchRule neitherDoesTheOther = noClasses()
            .that()
            .resideInAPackage(IPTABLES)
            .should()
            .dependOnClassesThat(resideInAPackage("io.openme..").and(resideOutsideOfPackages(IPTABLES, SPI, EXEC)));

    @ArchTest
    static final ArchRule runningCommandsKnowsNothingOfDoormen = noClasses()
            .that()
            .resideInAPackage(EXEC)
            .should()
            .dependOnClassesThat(resideInAPackage("io.openme..").and(resideOutsideOfPackages(EXEC, SPI)));

    @ArchTest
    static final ArchRule whatIsInternalStaysInside = noClasses()
            .that()
            .resideOutsideOfPackages(CORE)
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.openme.internal..").and(resideOutsideOfPackages("io.openme.internal.text")));

    @ArchTest
    static final ArchRule nobodyRegistersASecurityProvider = noClasses()
            .should()
            .callMethod(Security.class, "addProvider", Provider.class)
            .orShould()
            .callMethod(Security.class, "insertProviderAt", Provider.class, int.class);

    @ArchTest
    static final ArchRule onlyTheProgramHooksIntoTheShutdown = noClasses()
            .that()
            .resideOutsideOfPackages(CLI, TESTKIT)
            .should()
            .callMethod(Runtime.class, "addShutdownHook", Thread.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .callMethod(System.class, "exit", int.class);

    /**
     * The demo starts this program itself anew, in a namespace and with its terminal, and so does a doorman in two processes;
     * that is no command of the host.
     */
    @ArchTest
    static final ArchRule onlyOneModuleStartsProcesses = noClasses()
            .that()
            .resideOutsideOfPackages(EXEC, TESTKIT, "io.openme.cli.demo", "io.openme.cli.split")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.commons.exec..")
            .orShould()
            .callMethodWhere(target(owner(type(Runtime.class))).and(target(name("exec"))));

    @ArchTest
    static final ArchRule onlyTheProgramPrints = noClasses()
            .that()
            .resideOutsideOfPackages(CLI, TESTKIT)
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");
}
