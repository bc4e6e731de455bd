package dev.quipu.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.quipu.gguf.HouseRules;

/** The module and package rules of {@code .github/ARCHITECTURE.md}. */
@AnalyzeClasses(packages = "dev.quipu", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule NO_CYCLES = HouseRules.NO_CYCLES_OF_PACKAGES;

    @ArchTest
    static final ArchRule RUNTIME_NEEDS_ONLY_THE_JDK_AND_THE_LOWER_MODULES = classes()
            .that()
            .resideInAPackage("dev.quipu.runtime..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipu.runtime..",
                    "dev.quipu.gguf..",
                    "dev.quipu.kvcache..",
                    "java..",
                    "jdk.incubator.vector..",
                    "com.sun.management..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule GGUF_KNOWS_NOBODY = noClasses()
            .that()
            .resideInAPackage("dev.quipu.gguf..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quipu.kvcache..", "dev.quipu.runtime..");

    @ArchTest
    static final ArchRule KVCACHE_KNOWS_NOBODY = noClasses()
            .that()
            .resideInAPackage("dev.quipu.kvcache..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quipu.gguf..", "dev.quipu.runtime..");

    @ArchTest
    static final ArchRule VECTORS_STAY_IN_THE_KERNELS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.quipu.runtime.kernel..",
                    "dev.quipu.runtime.matmul..",
                    "dev.quipu.runtime.step..",
                    "dev.quipu.kvcache..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..");

    @ArchTest
    static final ArchRule TEXT_KNOWS_NOTHING_OF_COMPUTATION = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.quipu.runtime.tokenizer..", "dev.quipu.runtime.template..", "dev.quipu.runtime.sampling..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipu.runtime.kernel..", "dev.quipu.runtime.matmul..", "dev.quipu.runtime.model..");
}
