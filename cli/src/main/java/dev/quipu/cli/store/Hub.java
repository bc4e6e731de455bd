package dev.quipu.cli.store;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A model hub with the interface of huggingface.co. */
final class Hub {
    private static final URI USUAL = URI.create("https://huggingface.co");
    private static final Pattern PART = Pattern.compile("(.*)-\\d{5}-of-(\\d{5})\\.gguf");

    private final URI base;
    private final WebClient web;

    Hub(URI base, WebClient web) {
        this.base = base;
        this.web = web;
    }

    /** QUIPU_HUB, or the usual one. */
    static URI address(Map<String, String> environment) {
        String configured = environment.getOrDefault("QUIPU_HUB", "");
        return configured.isEmpty() ? USUAL : URI.create(configured.replaceFirst("/+$", ""));
    }

    /**
     * One model of a repository.
     *
     * @param files in the order of their parts, paths within the repository
     */
    record Listing(List<String> files, String license) {}

    /** Asks which files make up the model. */
    Listing find(ModelReference.OnHub model) throws IOException {
        URI address = URI.create(base + "/api/models/" + model.user() + "/" + model.repository());
        JsonObject json;
        try (WebClient.Answer answer = web.get(address, Map.of())) {
            if (answer.status() != 200) {
                throw new IOException(Download.refusal(address, answer.status()));
            }
            json = JsonObject.parse(
                    new String(answer.body().readAllBytes(), StandardCharsets.UTF_8), address.toString());
        }
        List<String> all = json.objects("siblings").stream()
                .flatMap(file -> file.string("rfilename").stream())
                .filter(name -> !name.contains("..") && !name.startsWith("/"))
                .toList();
        String license = json.object("cardData")
                .flatMap(card -> card.string("license"))
                .or(() -> json.strings("tags").stream()
                        .filter(tag -> tag.startsWith("license:"))
                        .map(tag -> tag.substring("license:".length()))
                        .findFirst())
                .orElse("unknown");
        return new Listing(choose(all, model.quant(), model.toString()), license);
    }

    URI addressOf(ModelReference.OnHub model, String file) {
        String path = Stream.of(file.split("/"))
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"))
                .reduce((a, b) -> a + "/" + b)
                .orElseThrow();
        return URI.create(base + "/" + model.user() + "/" + model.repository() + "/resolve/main/" + path);
    }

    /** The files of the wanted quantization; without one, of the most usual. */
    static List<String> choose(List<String> files, String quant, String model) throws IOException {
        List<String> models = files.stream()
                .filter(file -> file.toLowerCase(Locale.ROOT).endsWith(".gguf"))
                .filter(file -> !file.contains("mmproj") && !file.contains("imatrix"))
                .sorted()
                .toList();
        if (models.isEmpty()) {
            throw new IOException(model + " has no GGUF files");
        }
        String first = models.stream()
                .filter(file ->
                        quant.isEmpty() || Quantization.of(baseName(file)).equalsIgnoreCase(quant))
                .min(Comparator.comparingInt(Hub::rank))
                .orElseThrow(() -> new IOException(model + ": no file of type " + quant + ", there are "
                        + String.join(", ", models.stream().map(Hub::baseName).toList())));
        Matcher part = PART.matcher(first);
        if (!part.matches()) {
            return List.of(first);
        }
        String prefix = part.group(1) + "-";
        String suffix = "-of-" + part.group(2) + ".gguf";
        List<String> parts = models.stream()
                .filter(file -> file.startsWith(prefix) && file.endsWith(suffix))
                .toList();
        if (parts.size() != Integer.parseInt(part.group(2))) {
            throw new IOException(model + " has only " + parts.size() + " of " + part.group(2) + " parts of " + first);
        }
        return parts;
    }

    private static int rank(String file) {
        int rank = Quantization.PREFERRED.indexOf(Quantization.of(baseName(file)));
        return rank < 0 ? Integer.MAX_VALUE : rank;
    }

    static String baseName(String file) {
        return file.substring(file.lastIndexOf('/') + 1);
    }
}
