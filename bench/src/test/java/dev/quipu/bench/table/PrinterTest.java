package dev.quipu.bench.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

class PrinterTest {
    private static final List<Column> COLUMNS = List.of(
            new Column("model", -30),
            new Column("size", 10),
            new Column("params", 10),
            new Column("backend", -10),
            new Column("threads", 7),
            new Column("test", 15),
            new Column("t/s", 20));

    private static final Row ROW = new Row(
            List.of(
                    Field.text("cpu_info", "a \"fast\" one, it's"),
                    Field.flag("use_mmap", true),
                    Field.integer("n_prompt", 512),
                    Field.real("avg_ts", 43.21),
                    Field.real("read_share", Double.NaN)),
            List.of(100L, 200L),
            List.of(43.0, 43.42),
            List.of("llama 1B Q4_0", "727.75 MiB", "1.24 B", "Java", "2", "pp512", "43.21 ± 0.12"));

    private static String print(String format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Printer printer = Printer.of(format, COLUMNS, List.of("build: 1 (0)"));
        printer.begin(out);
        printer.row(out, ROW);
        printer.row(out, ROW);
        printer.end(out);
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void markdownIsLlamaBenchs() {
        String row =
                "| llama 1B Q4_0                  | 727.75 MiB |     1.24 B | Java       |       2 |           pp512 |         43.21 ± 0.12 |\n";
        assertThat(print("md"))
                .isEqualTo(
                        "| model                          |       size |     params | backend    | threads |            test |                  t/s |\n"
                                + "| ------------------------------ | ---------: | ---------: | ---------- | ------: | --------------: | -------------------: |\n"
                                + row
                                + row
                                + "\nbuild: 1 (0)\n");
    }

    @Test
    void csvQuotesEveryValue() {
        String row = "\"a \"\"fast\"\" one, it's\",\"1\",\"512\",\"43.210000\",\"\"\n";
        assertThat(print("csv")).isEqualTo("cpu_info,use_mmap,n_prompt,avg_ts,read_share\n" + row + row);
    }

    @Test
    void jsonCanBeRead() {
        String json = print("json");
        assertThat(JSON.std.listFrom(json)).hasSize(2).allSatisfy(row -> assertThat(row)
                .hasToString(
                        "{cpu_info=a \"fast\" one, it's, use_mmap=true, n_prompt=512, avg_ts=43.21, read_share=null,"
                                + " samples_ns=[100, 200], samples_ts=[43.0, 43.42]}"));
        assertThat(json)
                .startsWith("[\n  {\n    \"cpu_info\": \"a \\\"fast\\\" one, it's\",\n    \"use_mmap\": true,\n");
    }

    @Test
    void jsonLinesAreOneObjectEach() {
        assertThat(print("jsonl").lines()).hasSize(2).allSatisfy(line -> assertThat(JSON.std.mapFrom(line))
                .containsEntry("n_prompt", 512)
                .containsEntry("samples_ns", List.of(100, 200)));
    }

    @Test
    void sqlCreatesATableAndFillsIt() {
        String insert = "INSERT INTO test (cpu_info, use_mmap, n_prompt, avg_ts, read_share) VALUES"
                + " ('a \"fast\" one, it''s', '1', '512', '43.210000', '');\n";
        assertThat(print("sql"))
                .isEqualTo("CREATE TABLE IF NOT EXISTS test (\n  cpu_info TEXT,\n  use_mmap INTEGER,\n"
                        + "  n_prompt INTEGER,\n  avg_ts REAL,\n  read_share REAL\n);\n\n" + insert + insert);
    }

    @Test
    void refusesOtherFormats() {
        assertThatThrownBy(() -> print("xml")).hasMessageContaining("xml");
    }
}
