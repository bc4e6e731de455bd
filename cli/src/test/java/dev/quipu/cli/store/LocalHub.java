package dev.quipu.cli.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server that behaves like the hub: a repository's listing, files behind a redirect that names their hash, ranges,
 * entity tags; and like the hub on a bad day. Each trouble befalls one request for a file.
 */
final class LocalHub implements AutoCloseable {
    enum Trouble {
        /** Half of what is due, then nothing. */
        CUT,
        ERROR_500,
        TOO_MANY_REQUESTS,
        FORBIDDEN,
        ABSENT,
        /** No Content-Length. */
        CHUNKED,
        /** The whole file, whatever range was asked for. */
        WHOLE,
        REDIRECT_LOOP,
        /** Another version of the file from now on. */
        CHANGED,
        /** A web page. */
        PAGE,
        NONE
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Deque<Trouble> troubles = new ConcurrentLinkedDeque<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile String hash = "";
    private volatile String license = "apache-2.0";
    private volatile int version = 1;

    LocalHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    LocalHub file(String name, byte[] content) {
        files.put(name, content);
        return this;
    }

    /** The sha256 that the hub claims its files have. */
    LocalHub hash(String sha256) {
        hash = sha256;
        return this;
    }

    LocalHub license(String name) {
        license = name;
        return this;
    }

    LocalHub trouble(Trouble... next) {
        troubles.addAll(Arrays.asList(next));
        return this;
    }

    /** Path and range of each request so far. */
    List<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(path + (range == null ? "" : " " + range));
        try (exchange) {
            if (path.startsWith("/api/models/")) {
                text(exchange, 200, listing());
            } else if (path.contains("/resolve/main/")) {
                exchange.getResponseHeaders().set("Location", "/cdn/" + path.substring(path.indexOf("/main/") + 6));
                if (!hash.isEmpty()) {
                    exchange.getResponseHeaders().set("X-Linked-ETag", '"' + hash + '"');
                }
                exchange.sendResponseHeaders(302, -1);
            } else {
                file(exchange, path.substring(path.lastIndexOf('/') + 1), range);
            }
        }
    }

    private String listing() {
        StringBuilder json = new StringBuilder("{\"cardData\": {\"license\": \"" + license + "\"}, \"siblings\": [");
        files.keySet().stream().sorted().forEach(name -> json.append("{\"rfilename\": \"" + name + "\"},"));
        return json.append("{\"rfilename\": \"README.md\"}]}").toString();
    }

    private void file(HttpExchange exchange, String name, String range) throws IOException {
        byte[] content = files.get(name);
        Trouble trouble = troubles.isEmpty() ? Trouble.NONE : troubles.poll();
        switch (trouble) {
            case ERROR_500 -> text(exchange, 500, "oops");
            case TOO_MANY_REQUESTS -> text(exchange, 429, "later");
            case FORBIDDEN -> text(exchange, 401, "who are you");
            case ABSENT -> text(exchange, 404, "nothing here");
            case PAGE -> text(exchange, 200, "<html>hello</html>");
            case REDIRECT_LOOP -> {
                troubles.push(Trouble.REDIRECT_LOOP);
                exchange.getResponseHeaders().set("Location", "/cdn/" + name);
                exchange.sendResponseHeaders(302, -1);
            }
            case CUT, CHUNKED, WHOLE, CHANGED, NONE -> {
                if (content == null) {
                    text(exchange, 404, "nothing here");
                } else {
                    content(exchange, content, trouble, range);
                }
            }
        }
    }

    private void content(HttpExchange exchange, byte[] content, Trouble trouble, String range) throws IOException {
        if (trouble == Trouble.CHANGED) {
            version++;
        }
        String etag = "\"v" + version + "\"";
        exchange.getResponseHeaders().set("ETag", etag);
        boolean same = etag.equals(exchange.getRequestHeaders().getFirst("If-Range"));
        int from = 0;
        if (range != null && same && trouble != Trouble.WHOLE) {
            from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            if (from >= content.length) {
                exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        int due = content.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, trouble == Trouble.CHUNKED ? 0 : due);
        exchange.getResponseBody().write(content, from, trouble == Trouble.CUT ? due / 2 : due);
        exchange.getResponseBody().flush();
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
