package dev.quipu.runtime.kernel;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.NativeMemory;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The kernels of one engine: for each tensor type the best there is at a width and a precision. */
public final class Kernels {
    private static final Lookup HERE = MethodHandles.lookup();
    private static final QuantUnpacker Q6_K = new Q6_KQuants();
    private static final QuantUnpacker Q3_K = new Q3_KQuants();
    private static final QuantUnpacker Q2_K = new Q2_KQuants();
    private static final QuantUnpacker MXFP4 = new MXFP4Quants();

    private final Optional<SimdWidth> width;
    private final Precision precision;
    private final Dot dot;
    private final AtomicReferenceArray<@Nullable TypeKernel> kernels =
            new AtomicReferenceArray<>(GgmlType.values().length);

    private Kernels(Optional<SimdWidth> width, Precision precision) {
        this.width = width;
        this.precision = precision;
        this.dot = width.<Dot>map(w -> w.specialize(HERE, VectorDot.class, Dot.class))
                .orElseGet(ScalarDot::new);
    }

    /**
     * @throws IllegalArgumentException if this processor does not compute at the chosen width
     * @throws IllegalStateException if the user denies native access
     */
    public static Kernels choose(KernelChoice choice, Precision precision) {
        NativeMemory.require();
        Optional<SimdWidth> width =
                switch (choice) {
                    case AUTO -> vectorModule() ? Optional.of(SimdWidth.preferred()) : Optional.empty();
                    case SCALAR -> Optional.empty();
                    case W128 -> Optional.of(supported(choice, SimdWidth.W128));
                    case W256 -> Optional.of(supported(choice, SimdWidth.W256));
                    case W512 -> Optional.of(supported(choice, SimdWidth.W512));
                };
        return new Kernels(width, precision);
    }

    private static SimdWidth supported(KernelChoice choice, SimdWidth width) {
        if (!width.supported()) {
            throw new IllegalArgumentException("this processor has no " + choice.text()
                    + "-bit vectors; its widest are " + SimdWidth.preferred().bits());
        }
        return width;
    }

    private static boolean vectorModule() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /** Empty if the kernels are scalar. */
    public Optional<SimdWidth> width() {
        return width;
    }

    public Precision precision() {
        return precision;
    }

    /** Whether products of floats in batches take two terms at once, for a few bits: where that is allowed, and faster. */
    public boolean inPairs() {
        return precision == Precision.FAST
                && width.equals(Optional.of(SimdWidth.W512))
                && Processor.ADDS_BESIDE_MULTIPLY_ADDS;
    }

    /** What a banner says: {@code vector 512-bit, fast}. */
    public String description() {
        return width.map(w -> "vector " + w.bits() + "-bit").orElse("scalar") + ", "
                + switch (precision) {
                    case FLOAT -> "float";
                    case FAST -> "fast";
                };
    }

    /** The kernel of a type that can hold weights, always the same; made when first asked for. */
    public TypeKernel of(GgmlType type) {
        TypeKernel kernel = kernels.get(type.ordinal());
        return kernel == null ? make(type) : kernel;
    }

    private synchronized TypeKernel make(GgmlType type) {
        TypeKernel kernel = kernels.get(type.ordinal());
        if (kernel == null) {
            kernel = create(type);
            kernels.set(type.ordinal(), kernel);
        }
        return kernel;
    }

    private TypeKernel create(GgmlType type) {
        if (!type.isWeight()) {
            throw new IllegalArgumentException(type + " cannot hold weights");
        }
        Unpacker unpacker = unpacker(type);
        return new DecodeKernel(product(type).orElseGet(() -> new UnpackedRows(type, unpacker, dot)), unpacker);
    }

    /**
     * How the type's weights become small integers, for batches: empty where activations stay floats, and for types whose
     * weights have more than seven bits, or no such form yet.
     */
    public Optional<QuantUnpacker> quants(GgmlType type) {
        if (precision == Precision.FLOAT || width.isEmpty() || width.get() == SimdWidth.W128) {
            return Optional.empty();
        }
        return switch (type) {
            case Q4_0 -> Optional.of(NibbleQuants.Q4_0);
            case Q4_1 -> Optional.of(NibbleQuants.Q4_1);
            case Q5_0 -> Optional.of(FifthBitQuants.Q5_0);
            case Q5_1 -> Optional.of(FifthBitQuants.Q5_1);
            case Q4_K -> Optional.of(MinimumQuants.Q4_K);
            case Q5_K -> Optional.of(MinimumQuants.Q5_K);
            case Q6_K -> Optional.of(Q6_K);
            case Q3_K -> Optional.of(Q3_K);
            case Q2_K -> Optional.of(Q2_K);
            case MXFP4 -> Optional.of(MXFP4);
            case IQ3_S -> Optional.of(width.get() == SimdWidth.W512 ? new IQ3_SQuantsAvx512() : new IQ3_SQuants());
            case TQ1_0 -> Optional.of(TernaryQuants.TQ1_0);
            case TQ2_0 -> Optional.of(TernaryQuants.TQ2_0);
            default -> Optional.empty();
        };
    }

    /** What computes faster than unpacking does, if anything. */
    private Optional<RowProduct> product(GgmlType type) {
        if (precision == Precision.FAST && width.equals(Optional.of(SimdWidth.W512))) {
            return switch (type) {
                case Q4_0, Q4_1 -> rows(NibbleAvx512.class, type);
                case Q5_0, Q5_1 -> rows(FifthBitAvx512.class, type);
                case Q8_0 -> Optional.of(new Q8_0Avx512());
                case Q2_K -> Optional.of(new Q2_KAvx512());
                case Q3_K -> Optional.of(new Q3_KAvx512());
                case Q4_K -> Optional.of(new Q4_KAvx512());
                case Q5_K -> Optional.of(new Q5_KAvx512());
                case Q6_K -> Optional.of(new Q6_KAvx512());
                case IQ3_S -> Optional.of(new IQ3_SAvx512());
                case IQ4_NL -> Optional.of(new IQ4_NLAvx512());
                case IQ4_XS -> Optional.of(new IQ4_XSAvx512());
                case MXFP4 -> Optional.of(new MXFP4Avx512());
                case TQ1_0 -> Optional.of(new TQ1_0Avx512());
                case TQ2_0 -> Optional.of(new TQ2_0Avx512());
                default -> floatProduct(type);
            };
        }
        if (precision == Precision.FAST && width.equals(Optional.of(SimdWidth.W256))) {
            return switch (type) {
                case Q4_0, Q4_1, Q5_0, Q5_1 -> rows(NibbleAvx2.class, type);
                case Q4_K, Q5_K -> rows(ThirtyTwosAvx2.class, type);
                case Q2_K, Q3_K, Q6_K -> rows(SixteensAvx2.class, type);
                case IQ4_NL, IQ4_XS, MXFP4 -> rows(BookAvx2.class, type);
                case IQ3_S -> Optional.of(new IQ3_SAvx2());
                case TQ1_0 -> Optional.of(new TQ1_0Avx2());
                case TQ2_0 -> Optional.of(new TQ2_0Avx2());
                default -> floatProduct(type);
            };
        }
        return width.isEmpty() || width.get() == SimdWidth.W128 ? Optional.empty() : floatProduct(type);
    }

    /** Blocks have a vector form from 256 bits on. */
    private Optional<RowProduct> floatProduct(GgmlType type) {
        return switch (type) {
            case F32 -> rows(F32Rows.class);
            case F16 -> rows(F16Rows.class, precision);
            case BF16 -> rows(BF16Rows.class, precision);
            case Q4_0, Q4_1 -> rows(NibbleRows.class, type);
            case Q5_0, Q5_1 -> rows(FifthBitRows.class, type);
            case Q8_0 -> rows(Q8_0Rows.class);
            case Q4_K -> rows(Q4_KRows.class);
            case Q5_K -> rows(Q5_KRows.class);
            case Q6_K -> rows(Q6_KRows.class);
            case IQ3_S -> rows(IQ3_SRows.class);
            case IQ4_NL, IQ4_XS, MXFP4 -> rows(BookRows.class, type);
            case TQ1_0 -> rows(TQ1_0Rows.class);
            case TQ2_0 -> rows(TQ2_0Rows.class);
            default -> Optional.empty();
        };
    }

    private Optional<RowProduct> rows(Class<? extends RowProduct> template, Object... constants) {
        return Optional.of(width.orElseThrow().specialize(HERE, template, RowProduct.class, constants));
    }

    /** Blocks have a vector form from 256 bits on. Below, and where there is none, the definition itself. */
    private Unpacker unpacker(GgmlType type) {
        if (width.isEmpty() || width.get() == SimdWidth.W128 && type.isQuantized()) {
            return type::dequantize;
        }
        return switch (type) {
            case F32 -> new F32Unpack();
            case F16 -> specialized(F16Unpack.class);
            case BF16 -> specialized(BF16Unpack.class);
            case Q4_0 -> specialized(Q4_0Unpack.class);
            case Q4_1 -> specialized(Q4_1Unpack.class);
            case Q5_0 -> specialized(Q5_0Unpack.class);
            case Q5_1 -> specialized(Q5_1Unpack.class);
            case Q8_0 -> specialized(Q8_0Unpack.class);
            case Q2_K -> specialized(Q2_KUnpack.class);
            case Q3_K -> specialized(Q3_KUnpack.class);
            case Q4_K -> specialized(Q4_KUnpack.class);
            case Q5_K -> specialized(Q5_KUnpack.class);
            case Q6_K -> specialized(Q6_KUnpack.class);
            case IQ3_S -> new IQ3_SUnpack();
            case IQ4_NL -> specialized(IQ4_NLUnpack.class);
            case IQ4_XS -> specialized(IQ4_XSUnpack.class);
            case MXFP4 -> specialized(MXFP4Unpack.class);
            case TQ1_0 -> specialized(TQ1_0Unpack.class);
            case TQ2_0 -> specialized(TQ2_0Unpack.class);
            default -> type::dequantize;
        };
    }

    private Unpacker specialized(Class<? extends Unpacker> template) {
        return width.orElseThrow().specialize(HERE, template, Unpacker.class);
    }
}
