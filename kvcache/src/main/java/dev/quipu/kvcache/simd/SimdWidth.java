package dev.quipu.kvcache.simd;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * A vector width in bits, and the species that derive from it.
 *
 * <p>C2 turns vector operations into machine code only where the species is a constant, which means a {@code static
 * final} field. One kernel source serves every width all the same: {@link #specialize} defines the compiled kernel class
 * once more as a hidden class whose class data are the width and what else is to be constant, and the kernel's own static
 * initialiser asks for them:
 *
 * {@snippet :
 * private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
 * private static final VectorSpecies<Float> F = WIDTH.floats();
 * private static final int HEADS = SimdWidth.constant(MethodHandles.lookup(), 0, Integer.class);
 * }
 *
 * <p>So two engines of different widths can live in one process, and the profile of one does not disturb the other. A
 * template must be self-contained: its nested classes, if it had any, would not be specialised with it.
 */
public enum SimdWidth {
    W128(128, VectorShape.S_128_BIT),
    W256(256, VectorShape.S_256_BIT),
    W512(512, VectorShape.S_512_BIT);

    private static final Map<Specialisation, Object> SPECIALISED = new ConcurrentHashMap<>();

    private record Specialisation(SimdWidth width, Class<?> template, List<Object> constants) {
        Object define(Lookup host) {
            return width.define(host, template, constants);
        }
    }

    private final int bits;
    private final VectorShape shape;

    SimdWidth(int bits, VectorShape shape) {
        this.bits = bits;
        this.shape = shape;
    }

    /** Width in bits: 128, 256 or 512. */
    public int bits() {
        return bits;
    }

    /** Float lanes of one vector. */
    public int lanes() {
        return bits / Float.SIZE;
    }

    public VectorSpecies<Float> floats() {
        return VectorSpecies.of(float.class, shape);
    }

    public VectorSpecies<Integer> ints() {
        return VectorSpecies.of(int.class, shape);
    }

    public VectorSpecies<Byte> bytes() {
        return VectorSpecies.of(byte.class, shape);
    }

    /** The width this processor's JVM prefers; 512 at most. */
    public static SimdWidth preferred() {
        int preferredBits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        return preferredBits >= 512 ? W512 : preferredBits >= 256 ? W256 : W128;
    }

    /**
     * Whether the hardware computes at this width. Java would emulate a wider one, slowly and silently.
     */
    public boolean supported() {
        return bits <= ByteVector.SPECIES_PREFERRED.vectorBitSize()
                && bits <= ShortVector.SPECIES_PREFERRED.vectorBitSize()
                && bits <= IntVector.SPECIES_PREFERRED.vectorBitSize()
                && bits <= DoubleVector.SPECIES_PREFERRED.vectorBitSize();
    }

    /** The width of the class that owns {@code self}: its class data, or the preferred width where it has none. */
    public static SimdWidth of(Lookup self) {
        List<?> data = data(self);
        return data.isEmpty() ? preferred() : (SimdWidth) data.getFirst();
    }

    /** One of the constants for which the class that owns {@code self} was specialised. */
    public static <T> T constant(Lookup self, int index, Class<T> type) {
        return type.cast(data(self).get(1 + index));
    }

    private static List<?> data(Lookup self) {
        try {
            @Nullable List<?> data = MethodHandles.classData(self, "_", List.class);
            return data == null ? List.of() : data;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("class data of " + self.lookupClass() + " is not readable", e);
        }
    }

    /**
     * The instance of {@code template}, specialised for this width and these constants: always the same, so that all who use
     * it share the code that was compiled for it.
     *
     * @param host a full-privilege lookup in the package of the template
     * @param template a final class with a no-argument constructor, whose instances have no state
     * @param contract the interface through which the caller uses it
     * @param constants what the template asks for by {@link #constant}
     */
    public <T> T specialize(Lookup host, Class<? extends T> template, Class<T> contract, Object... constants) {
        Object kernel = SPECIALISED.computeIfAbsent(
                new Specialisation(this, template, List.of(constants)), key -> key.define(host));
        return contract.cast(kernel);
    }

    private Object define(Lookup host, Class<?> template, List<Object> constants) {
        String resource = template.getName().substring(template.getName().lastIndexOf('.') + 1) + ".class";
        try (InputStream in = template.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no class file " + resource);
            }
            List<Object> data =
                    Stream.concat(Stream.of(this), constants.stream()).toList();
            Lookup hidden = host.defineHiddenClassWithClassData(in.readAllBytes(), data, true);
            MethodHandle constructor = hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class));
            return constructor.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot specialise " + template + " for " + bits + " bits", e);
        }
    }
}
