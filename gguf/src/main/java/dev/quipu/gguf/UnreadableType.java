package dev.quipu.gguf;

import org.jspecify.annotations.Nullable;

/** Names tensor types that exist but cannot be read here, so that an error says more than a number. */
final class UnreadableType {
    private UnreadableType() {}

    /** What the number stands for, and what its owner can do. */
    static String describe(int id) {
        return switch (id) {
            case 4 -> removed(id, "Q4_2", "Q4_0");
            case 5 -> removed(id, "Q4_3", "Q4_1");
            case 31 -> removed(id, "Q4_0_4_4", "Q4_0");
            case 32 -> removed(id, "Q4_0_4_8", "Q4_0");
            case 33 -> removed(id, "Q4_0_8_8", "Q4_0");
            case 36 -> removed(id, "IQ4_NL_4_4", "IQ4_NL");
            case 37 -> removed(id, "IQ4_NL_4_8", "IQ4_NL");
            case 38 -> removed(id, "IQ4_NL_8_8", "IQ4_NL");
            default -> {
                String name = mainline(id);
                String fork = ikLlama(id);
                if (name != null) {
                    yield "type " + id + " (" + name
                            + ") is not supported: use a file of another type, such as Q4_K_M or Q8_0";
                }
                if (fork != null) {
                    yield "type " + id + " (" + fork + ") is one that only ik_llama.cpp knows:"
                            + " use a file of one of llama.cpp's own types";
                }
                yield "unknown type " + Integer.toUnsignedString(id);
            }
        };
    }

    private static String removed(int id, String name, String instead) {
        return "type " + id + " (" + name + ") was removed from the format: quantise the original model to " + instead;
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
            default -> null;
        };
    }
}
