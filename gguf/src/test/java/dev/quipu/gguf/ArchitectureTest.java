package dev.quipu.gguf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.quipu.gguf", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule NO_CYCLES = HouseRules.NO_CYCLES_OF_PACKAGES;

    @ArchTest
    static final ArchRule NEEDS_ONLY_JAVA_BASE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipu.gguf..",
                    "java.io..",
                    "java.lang..",
                    "java.math..",
                    "java.nio..",
                    "java.util..",
                    "org.jspecify.annotations..")
            .andShould()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackages(
                    "java.lang.instrument..", "java.lang.management..", "java.util.logging..", "java.util.prefs..");

    @ArchTest
    static final ArchRule TYPES_KNOW_NOTHING_OF_FILES = noClasses()
            .that()
            .resideInAPackage("dev.quipu.gguf.type")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.quipu.gguf");
}
