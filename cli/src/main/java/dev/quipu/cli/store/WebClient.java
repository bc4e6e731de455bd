package dev.quipu.cli.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * HTTP as the store needs it: follows redirects by hand, since the address that is asked first says what file it is and
 * the token is for that host only; tries again when a server is overloaded.
 */
final class WebClient implements AutoCloseable {
    private static final int REDIRECTS = 10;
    private static final int ATTEMPTS = 4;

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String token;
    private final Duration pause;

    /**
     * @param token for the host that is asked first, empty for none
     * @param pause before the second attempt; it doubles each time
     */
    WebClient(String token, Duration pause) {
        this.token = token;
        this.pause = pause;
    }

    /**
     * @param linkedEtag the file's hash, if the first host said it (hubs do, in X-Linked-ETag)
     */
    record Answer(HttpResponse<InputStream> response, Optional<String> linkedEtag) implements AutoCloseable {
        int status() {
            return response.statusCode();
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        InputStream body() {
            return response.body();
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }

    /** Asks for {@code address} until there is an answer that is not "later". */
    Answer get(URI address, Map<String, String> headers) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Answer answer = getOnce(address, headers);
            boolean later = answer.status() == 429 || answer.status() >= 500;
            if (!later || attempt == ATTEMPTS) {
                return answer;
            }
            answer.close();
            pause(attempt);
        }
    }

    void pause(int attempt) throws IOException {
        try {
            Thread.sleep(pause.multipliedBy(1L << (attempt - 1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Answer getOnce(URI first, Map<String, String> headers) throws IOException {
        URI address = first;
        Optional<String> linkedEtag = Optional.empty();
        for (int i = 0; i <= REDIRECTS; i++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(address)
                    .timeout(Duration.ofSeconds(30))
                    .header("User-Agent", "quipu");
            headers.forEach(request::header);
            if (!token.isEmpty() && sameHost(address, first)) {
                request.header("Authorization", "Bearer " + token);
            }
            HttpResponse<InputStream> response = send(request.GET().build());
            if (linkedEtag.isEmpty()) {
                linkedEtag = response.headers().firstValue("X-Linked-ETag");
            }
            Optional<String> location = response.headers().firstValue("Location");
            int status = response.statusCode();
            if (status < 301 || status > 308 || status == 304 || location.isEmpty()) {
                return new Answer(response, linkedEtag);
            }
            response.body().close();
            URI next = address.resolve(location.get());
            if ("https".equals(address.getScheme()) && !"https".equals(next.getScheme())) {
                throw new IOException(address + " redirects to an address that is not encrypted: " + next);
            }
            address = next;
        }
        throw new IOException(first + " redirects more than " + REDIRECTS + " times");
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        String host = request.uri().getScheme() + "://" + request.uri().getAuthority();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException e) {
            throw new IOException("cannot reach " + host + ": no answer in time", e);
        } catch (ConnectException e) {
            throw new IOException("cannot reach " + host + ": no connection", e);
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot ask " + request.uri() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static boolean sameHost(URI a, URI b) {
        return a.getScheme().equals(b.getScheme()) && a.getAuthority().equals(b.getAuthority());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
