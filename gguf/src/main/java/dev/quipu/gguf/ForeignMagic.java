package dev.quipu.gguf;

import java.util.Locale;

/** Says what a file that does not begin with {@code GGUF} probably is. Numbers are its first four bytes, in order. */
final class ForeignMagic {
    static final int GGUF = 0x47475546;

    private ForeignMagic() {}

    static String describe(int magic) {
        String found = String.format(Locale.ROOT, "magic is %08x, expected 47475546 ('GGUF'): ", magic);
        return found
                + switch (magic) {
                    case 0x46554747 -> "this is a big-endian file, which is not supported; convert it to little-endian";
                    case 0x6c6d6767, 0x666d6767, 0x746a6767, 0x616c6767 ->
                        "this is a file of a format before GGUF; convert the original model again";
                    case 0x76657273 -> "this looks like a pointer of Git LFS; fetch the file itself";
                    case 0x3c21444f, 0x3c21646f, 0x3c68746d -> "this is a web page; the download went wrong";
                    case 0x504b0304 -> "this is a zip archive, perhaps of PyTorch; convert the model to GGUF";
                    default -> "this is not a GGUF file";
                };
    }
}
