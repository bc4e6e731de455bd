package dev.quipu.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.quipu.gguf.HouseRules;

@AnalyzeClasses(
        packages = "dev.quipu.bench",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.OwnClasses.class})
final class ArchitectureTest {
    /** What JMH's annotation processor writes is not ours to judge. */
    static final class OwnClasses implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("/jmh_generated/");
        }
    }

    @ArchTest
    static final ArchTests HOUSE_RULES = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule NO_CYCLES_OF_SUB_PACKAGES =
            slices().matching("dev.quipu.bench.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NEEDS_THE_LOWER_MODULES_AND_ITS_LIBRARIES = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipu.bench..",
                    "dev.quipu.runtime..",
                    "dev.quipu.kvcache..",
                    "dev.quipu.gguf..",
                    "java..",
                    "jdk.incubator.vector..",
                    "com.sun.management..",
                    "picocli..",
                    "tools.jackson..",
                    "org.openjdk.jmh..",
                    "org.knowm.xchart..",
                    "de.erichseifert.vectorgraphics2d..",
                    "org.jspecify.annotations..");
}
