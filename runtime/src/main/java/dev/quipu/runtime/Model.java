package dev.quipu.runtime;

import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.Metadata;
import dev.quipu.gguf.TensorInfo;
import dev.quipu.runtime.model.Engine;
import dev.quipu.runtime.model.ModelConfig;
import dev.quipu.runtime.template.ChatTemplate;
import dev.quipu.runtime.template.SpecialTokens;
import dev.quipu.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * A model, open for use: its weights mapped from a GGUF file, its tokenizer, its chat template, and one team of worker
 * threads. Several sessions may use it, from several threads; their computations take turns.
 *
 * {@snippet :
 * try (Model model = Model.open(Path.of("model.gguf"));
 *         Session session = model.newSession();
 *         Generation answer = session.generate("Why is the sky blue?")) {
 *     answer.forEachRemaining(System.out::print);
 * }
 * }
 */
public final class Model implements AutoCloseable {
    private static final long SAMPLE_BYTES = 4096;

    /** The property by which the Vector API leaves out checks that memory segments make as well. */
    private static final String BOUNDS_CHECK = "jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK";

    private final GgufFile file;
    private final Engine engine;
    private final Tokenizer tokenizer;

    private Model(GgufFile file, Engine engine, Tokenizer tokenizer) {
        this.file = file;
        this.engine = engine;
        this.tokenizer = tokenizer;
    }

    /**
     * Begins with what takes a while whatever the model: classes are loaded, kernels that most models need are compiled, on a
     * thread of its own that ends soon. For programs that are about to open a model but have to find out which.
     */
    public static void prepare() {
        Engine.prepare();
    }

    /** Opens a model with {@link EngineOptions#defaults()}. */
    public static Model open(Path path) throws IOException {
        return open(path, EngineOptions.defaults());
    }

    /**
     * Opens a model.
     *
     * @throws dev.quipu.gguf.GgufFormatException if the file is not valid GGUF
     * @throws ModelFormatException if it is not a model this runtime can run
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if the options ask for kernels that this machine does not have
     * @throws IllegalStateException if Java denies native access
     */
    public static Model open(Path path, EngineOptions options) throws IOException {
        GgufFile file = GgufFile.open(path);
        try {
            return open(file, options);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static Model open(GgufFile file, EngineOptions options) throws IOException {
        Engine engine = Engine.start(file, options.threads(), options.kernel(), options.precision(), options.warmUp());
        try {
            Tokenizer tokenizer = tokenizer(file.metadata(), options);
            if (tokenizer.vocabularySize() > engine.config().vocabularySize()) {
                throw new ModelFormatException("the tokenizer has " + tokenizer.vocabularySize()
                        + " tokens, but token_embd.weight has "
                        + engine.config().vocabularySize() + " rows");
            }
            return new Model(file, engine, tokenizer);
        } catch (IOException | RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    private static Tokenizer tokenizer(Metadata metadata, EngineOptions options) throws ModelFormatException {
        try {
            return options.preTokenizer().isPresent()
                    ? Tokenizer.of(metadata, options.preTokenizer().get())
                    : Tokenizer.of(metadata);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The model's hyperparameters. */
    public ModelConfig config() {
        return engine.config();
    }

    /** The file's metadata. */
    public Metadata metadata() {
        return file.metadata();
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The file's own chat template, if it has one. */
    public Optional<ChatTemplate> chatTemplate() {
        return metadata().string("tokenizer.chat_template").map(this::chatTemplate);
    }

    /** A template from outside, rendered with this model's special tokens. */
    public ChatTemplate chatTemplate(String source) {
        return ChatTemplate.of(source, new SpecialTokens(special(tokenizer.bos()), special(tokenizer.eos())));
    }

    private String special(OptionalInt token) {
        return token.isPresent() ? tokenizer.text(token.getAsInt()) : "";
    }

    /** Architecture, size and file type, such as {@code llama 135M Q4_1}. */
    public String description() {
        return ModelDescription.of(config().architecture(), parameters(), metadata());
    }

    /** Number of weights. */
    public long parameters() {
        return file.tensors().stream().mapToLong(TensorInfo::elements).sum();
    }

    /** Bytes of all tensors. */
    public long bytes() {
        return file.tensors().stream().mapToLong(TensorInfo::bytes).sum();
    }

    /** What distinguishes this model from others: a checksum of its tensors' names, shapes and first bytes. */
    String identity() {
        CRC32C sum = new CRC32C();
        for (TensorInfo tensor : file.tensors()) {
            sum.update((tensor.name() + tensor.type() + tensor.shape()).getBytes(StandardCharsets.UTF_8));
            MemorySegment data = file.data(tensor);
            sum.update(data.asSlice(0, Math.min(data.byteSize(), SAMPLE_BYTES)).asByteBuffer());
        }
        return "%s %08x".formatted(description(), sum.getValue());
    }

    /** Which kernels compute, in words for a banner; says so if the JVM was started with options that slow them down. */
    public String kernels() {
        boolean checked = engine.kernels().width().isPresent() && !"0".equals(System.getProperty(BOUNDS_CHECK));
        return engine.kernels().description() + (checked ? ", slowed down for want of -D" + BOUNDS_CHECK + "=0" : "");
    }

    /** Threads of the worker team. */
    public int threads() {
        return engine.threads();
    }

    /** A session with {@link SessionOptions#defaults()}. */
    public Session newSession() {
        return newSession(SessionOptions.defaults());
    }

    /**
     * A new, empty session. The caller closes it.
     *
     * @throws InsufficientMemoryException if the KV cache of the context asked for does not fit into memory
     * @throws IllegalStateException if the model is closed
     */
    public Session newSession(SessionOptions options) {
        return Session.open(this, engine, options);
    }

    /**
     * Ends the worker threads and unmaps the file. A computation that runs in another thread ends first, at the latest
     * after its current batch; from then on the model's sessions throw {@link IllegalStateException}.
     */
    @Override
    public void close() {
        engine.close();
        file.close();
    }
}
