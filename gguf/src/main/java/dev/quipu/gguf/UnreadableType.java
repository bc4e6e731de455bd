package dev.quipu.gguf;

import org.jspecify.annotations.Nullable;

/** Names tensor types that exist but cannot be read here, so that an error says more than a number. */
final class UnreadableType {
    private UnreadableType() {}

    /** What the number stands for, and what its owner can do. */
    static String describe(int id) {
        String removed = removed(id);
        if (removed != null) {
            return "type " + id + " (" + removed + ") was removed from the format: re-quantise the model to "
                    + removed.substring(0, removed.indexOf('_', removed.indexOf('_') + 1));
        }
        String name = mainline(id);
        if (name != null) {
            return "type " + id + " (" + name
                    + ") is not supported: use a file of another type, such as Q4_K_M or Q8_0";
        }
        String fork = ikLlama(id);
        if (fork != null) {
            return "type " + id + " is " + fork + ", which only ik_llama.cpp knows:"
                    + " use a file of one of llama.cpp's own types";
        }
        return "unknown type " + Integer.toUnsignedString(id);
    }

    private static @Nullable String removed(int id) {
        return switch (id) {
            case 4 -> "Q4_2_removed";
            case 5 -> "Q4_3_removed";
            case 31 -> "Q4_0_4_4";
            case 32 -> "Q4_0_4_8";
            case 33 -> "Q4_0_8_8";
            case 36 -> "IQ4_NL_4_4";
            case 37 -> "IQ4_NL_4_8";
            case 38 -> "IQ4_NL_8_8";
            default -> null;
        };
    }

    private static @Nullable String mainline(int id) {
        return switch (id) {
            case 9 -> "Q8_1";
            case 15 -> "Q8_K";
            case 16 -> "IQ2_XXS";
            case 17 -> "IQ2_XS";
            case 18 -> "IQ3_XXS";
            case 19 -> "IQ1_S";
            case 22 -> "IQ2_S";
            case 29 -> "IQ1_M";
            case 40 -> "NVFP4";
            case 41 -> "Q1_0";
            case 42 -> "Q2_0";
            default -> null;
        };
    }

    private static @Nullable String ikLlama(int id) {
        return switch (id) {
            case 133 -> "Q6_0";
            case 134 -> "IQ1_BN";
            case 135 -> "IQ2_BN";
            case 136 -> "Q8_K64";
            case 137 -> "IQ2_K";
            case 138 -> "IQ3_K";
            case 139 -> "IQ4_K";
            case 140 -> "IQ5_K";
            case 141 -> "IQ6_K";
            case 144 -> "IQ4_KS";
            case 145 -> "IQ2_KS";
            case 146 -> "IQ4_KSS";
            case 151 -> "Q8_KV";
            case 152 -> "IQ5_KS";
            case 153 -> "IQ2_KT";
            case 154 -> "IQ3_KT";
            case 155 -> "IQ4_KT";
            case 156 -> "IQ3_KS";
            case 157 -> "IQ2_KL";
            case 158 -> "IQ1_KT";
            case 202 -> "Q4_0_R8";
            case 206 -> "Q5_0_R4";
            case 208 -> "Q8_0_R8";
            case 210 -> "Q2_K_R4";
            case 211 -> "Q3_K_R4";
            case 212 -> "Q4_K_R4";
            case 213 -> "Q5_K_R4";
            case 214 -> "Q6_K_R4";
            case 216 -> "IQ2_XXS_R4";
            case 217 -> "IQ2_XS_R4";
            case 218 -> "IQ3_XXS_R4";
            case 219 -> "IQ1_S_R4";
            case 220 -> "IQ4_NL_R4";
            case 221 -> "IQ3_S_R4";
            case 222 -> "IQ2_S_R4";
            case 223 -> "IQ4_XS_R8";
            case 229 -> "IQ1_M_R4";
            case 230 -> "BF16_R16";
            case 233 -> "Q6_0_R4";
            case 335 -> "IQ2_BN_R4";
            case 337 -> "IQ2_K_R4";
            case 338 -> "IQ3_K_R4";
            case 339 -> "IQ4_K_R4";
            case 340 -> "IQ5_K_R4";
            case 344 -> "IQ4_KS_R4";
            case 352 -> "IQ5_KS_R4";
            case 397 -> "Q8_K_R16";
            case 398 -> "Q8_KV_R8";
            case 399 -> "Q8_K_R8";
            default -> id >= 133 && id < 400 ? "one of its own" : null;
        };
    }
}
