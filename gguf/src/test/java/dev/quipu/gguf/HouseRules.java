package dev.quipu.gguf;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.BaseStream;

/** Rules of all modules; each module's ArchitectureTest takes them up. */
public final class HouseRules {
    @ArchTest
    public static final ArchRule NO_SYSTEM_PROPERTY_IS_SET = noClasses()
            .should()
            .callMethod(System.class, "setProperty", String.class, String.class)
            .orShould()
            .callMethod(System.class, "setProperties", java.util.Properties.class)
            .because("two engines in one process must not disturb each other");

    @ArchTest
    public static final ArchRule NOTHING_INTERNAL_OF_THE_JDK =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk.internal..", "com.sun.jna..");

    @ArchTest
    public static final ArchRule NO_COMMON_POOL = noClasses()
            .should()
            .callMethodWhere(target(owner(JavaClass.Predicates.type(ForkJoinPool.class)))
                    .and(target(nameMatching("commonPool"))))
            .orShould()
            .callMethodWhere(target(nameStartingWith("parallel"))
                    .and(target(owner(JavaClass.Predicates.assignableTo(BaseStream.class)))
                            .or(target(owner(JavaClass.Predicates.resideInAPackage("java.util"))))))
            .orShould()
            .callMethodWhere(target(nameMatching("(supply|run)Async"))
                    .and(target(owner(JavaClass.Predicates.resideInAPackage("java.util.concurrent")))))
            .because("one worker team per engine does the work");

    /**
     * No cycles, except that implementation may throw the exceptions and call the interfaces of its module's API. For modules
     * whose root package is an API.
     */
    public static final ArchRule NO_CYCLES_OF_PACKAGES = slices().matching("dev.quipu.(**)")
            .should()
            .beFreeOfCycles()
            .ignoreDependency(
                    DescribedPredicate.alwaysTrue(),
                    JavaClass.Predicates.resideInAPackage("dev.quipu.*")
                            .and(JavaClass.Predicates.assignableTo(Throwable.class)
                                    .or(JavaClass.Predicates.INTERFACES)));

    @ArchTest
    public static final ArchRule NO_GLOBAL_MUTABLE_STATE =
            fields().that().areStatic().should().beFinal().allowEmptyShould(true);

    @ArchTest
    public static final ArchRule THINGS_HAVE_NAMES = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..utils..", "..helper..", "..common..")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper");

    private HouseRules() {}
}
