package dev.quipu.gguf.type;

/** The values, in units of a scale, that elements of a type can take. */
sealed interface Grid {
    /** The value nearest to {@code v}. */
    float nearest(float v);

    /** The value that the element of greatest magnitude should take. */
    float anchor();

    static Grid integers(int least, int greatest) {
        return new Integers(least, greatest);
    }

    static Table table(byte[] ascending) {
        return new Table(ascending);
    }

    record Integers(int least, int greatest) implements Grid {
        @Override
        public float nearest(float v) {
            return Math.clamp(Blocks.round(v), least, greatest);
        }

        @Override
        public float anchor() {
            return least;
        }
    }

    record Table(byte[] ascending) implements Grid {
        /** Index of the value nearest to {@code v}. */
        int index(float v) {
            int nearest = 0;
            for (int i = 1; i < ascending.length; i++) {
                if (Math.abs(v - ascending[i]) < Math.abs(v - ascending[nearest])) {
                    nearest = i;
                }
            }
            return nearest;
        }

        @Override
        public float nearest(float v) {
            return ascending[index(v)];
        }

        @Override
        public float anchor() {
            return ascending[0];
        }
    }
}
