package dev.quipu.cli.store;

import dev.quipu.cli.CommandFailure;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code pull} is asked for. */
public sealed interface ModelReference {
    /** The name under which the store keeps it, and the name of its folder there. */
    String storeName();

    /** A model that the catalogue knows. */
    record InCatalogue(String name) implements ModelReference {
        @Override
        public String storeName() {
            return name;
        }
    }

    /**
     * {@code hf:USER/REPO[:QUANT]}, a repository of a model hub.
     *
     * @param quant such as Q4_K_M, empty for the hub's usual choice
     */
    record OnHub(String user, String repository, String quant) implements ModelReference {
        @Override
        public String storeName() {
            return user + "--" + repository + (quant.isEmpty() ? "" : "--" + quant);
        }

        @Override
        public String toString() {
            return "hf:" + user + "/" + repository + (quant.isEmpty() ? "" : ":" + quant);
        }
    }

    /** {@code pypi:PACKAGE==VERSION}, a Python package with a model inside. */
    record OnPypi(String name, String version) implements ModelReference {
        @Override
        public String storeName() {
            return name + "-" + version;
        }

        @Override
        public String toString() {
            return "pypi:" + name + "==" + version;
        }
    }

    /** The address of a file. */
    record AtUrl(URI address) implements ModelReference {
        String fileName() {
            String path = String.valueOf(address.getPath());
            return path.substring(path.lastIndexOf('/') + 1);
        }

        @Override
        public String storeName() {
            return fileName().replaceFirst("(?i)\\.gguf$", "");
        }

        @Override
        public String toString() {
            return address.toString();
        }
    }

    Pattern HUB = Pattern.compile("hf:([\\w.-]+)/([\\w.-]+)(?::([\\w.-]+))?");
    Pattern PYPI = Pattern.compile("pypi:([\\w.-]+)==([\\w.+!-]+)");
    Pattern NAME = Pattern.compile("\\w[\\w.-]*");

    /** Reads one as the user writes it; what it is not, is a {@link CommandFailure}. */
    static ModelReference parse(String text) {
        Matcher hub = HUB.matcher(text);
        if (hub.matches() && isName(hub.group(1)) && isName(hub.group(2))) {
            return new OnHub(hub.group(1), hub.group(2), hub.group(3) == null ? "" : hub.group(3));
        }
        Matcher pypi = PYPI.matcher(text);
        if (pypi.matches() && isName(pypi.group(1))) {
            return new OnPypi(pypi.group(1), pypi.group(2));
        }
        if (text.toLowerCase(Locale.ROOT).matches("https?://.*")) {
            return atUrl(text);
        }
        if (isName(text)) {
            return new InCatalogue(text);
        }
        throw CommandFailure.usage("'" + text
                + "' is not a model to pull: expected NAME, hf:USER/REPO[:QUANT], pypi:PACKAGE==VERSION or a URL");
    }

    private static AtUrl atUrl(String text) {
        try {
            AtUrl url = new AtUrl(new URI(text));
            if (url.address().getHost() != null && isName(url.fileName())) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw CommandFailure.usage("'" + text + "' is not a valid address: " + e.getReason());
        }
        throw CommandFailure.usage("'" + text + "' does not name a file");
    }

    private static boolean isName(String text) {
        return NAME.matcher(text).matches() && !text.contains("..");
    }
}
