package dev.quipu.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.quipu.gguf.HouseRules;

@AnalyzeClasses(packages = "dev.quipu.cli", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule NO_CYCLES_OF_SUB_PACKAGES =
            slices().matching("dev.quipu.cli.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NEEDS_THE_RUNTIME_AND_ITS_LIBRARIES = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipu.cli..",
                    "dev.quipu.runtime..",
                    "dev.quipu.gguf..",
                    "dev.quipu.kvcache..",
                    "java..",
                    "picocli..",
                    "org.jline..",
                    "tools.jackson..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule COMPUTES_NOTHING =
            noClasses().should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..");
}
