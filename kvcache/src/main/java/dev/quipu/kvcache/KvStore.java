package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.TILE_CELLS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * The bytes of a cache: pages of one to four tiles. A page is known by its number: its place in the slabs above, its tiles
 * less one below. Pages are taken and returned by one thread at a time, and read and written by any. Several sequences may
 * hold a page; who wants to write to it takes a copy before.
 */
final class KvStore implements AutoCloseable {
    private static final int TILE_BITS = 2;

    private final KvPage shape;
    private final long unitBytes;
    private final KvSlabs slabs;
    private int sequences = 1;

    KvStore(KvPage shape) {
        this.shape = shape;
        unitBytes = shape.bytes(1);
        slabs = new KvSlabs(unitBytes, KvPage.TILES);
    }

    KvPage shape() {
        return shape;
    }

    /** The memory that holds a page, from {@link #offset}. */
    MemorySegment memory(int page) {
        return slab(page).memory;
    }

    /** Byte offset of a page, and so of its keys, in its {@link #memory}. */
    long offset(int page) {
        return KvSlabs.unit(place(page)) * unitBytes;
    }

    /** Byte offset of a page's values. */
    long values(int page) {
        return offset(page) + shape.values(tiles(page));
    }

    /** Byte offset of the position of a page's cell. */
    long position(int page, int cell) {
        return offset(page) + shape.positions(tiles(page)) + 4L * cell;
    }

    /** Byte offset of one of the side floats of a page's cell. */
    long sideFloat(int page, int index, int cell) {
        return offset(page) + shape.sideFloats(tiles(page), index) + 4L * cell;
    }

    /** Tiles of a page, 1 to 4. */
    static int tiles(int page) {
        return (page & KvPage.TILES - 1) + 1;
    }

    private static int place(int page) {
        return page >> TILE_BITS;
    }

    private static int number(int place, int tiles) {
        return place << TILE_BITS | tiles - 1;
    }

    /** Room to compute in, that lives as long as the arena. */
    SegmentAllocator scratch(Arena arena) {
        return slabs.scratch(arena);
    }

    /** Takes a page; its content is undefined. */
    int acquire(int tiles) {
        requireOpen();
        return number(slabs.take(tiles), tiles);
    }

    /** One more sequence holds the page. */
    void share(int page) {
        slab(page).share(KvSlabs.unit(place(page)));
    }

    /** Whether more than one sequence uses the store. */
    boolean isShared() {
        return sequences > 1;
    }

    /** Whether more than one sequence holds the page. */
    boolean isShared(int page) {
        return slab(page).isShared(KvSlabs.unit(place(page)));
    }

    /** The page itself, or, where others hold it too, a copy that takes its place for one of them. */
    int own(int page) {
        return isShared(page) ? resize(page, tiles(page)) : page;
    }

    /** A page of so many tiles that takes this one's place, with as much of its content as there is room for. */
    int resize(int page, int tiles) {
        int target = acquire(tiles);
        copy(page, memory(target), offset(target), tiles);
        release(page);
        return target;
    }

    /** Copies a page to where a page of {@code tiles} tiles begins, as far as both have them. */
    void copy(int page, MemorySegment target, long to, int tiles) {
        copy(memory(page), offset(page), tiles(page), target, to, tiles);
    }

    /** The other way round. */
    void fill(int page, MemorySegment source, long from, int tiles) {
        copy(source, from, tiles, memory(page), offset(page), tiles(page));
    }

    private void copy(MemorySegment source, long from, int fromTiles, MemorySegment target, long to, int toTiles) {
        int tiles = Math.min(fromTiles, toTiles);
        MemorySegment.copy(source, from, target, to, shape.values(tiles));
        long rows = tiles * TILE_CELLS * shape.valueRowBytes();
        MemorySegment.copy(source, from + shape.values(fromTiles), target, to + shape.values(toTiles), rows);
        for (int column = -1; column < shape.sideFloats(); column++) {
            long side = from + shape.sideFloats(fromTiles, column);
            MemorySegment.copy(source, side, target, to + shape.sideFloats(toTiles, column), 4L * TILE_CELLS * tiles);
        }
    }

    /** One more sequence uses the store. */
    void join() {
        requireOpen();
        sequences++;
    }

    /** One sequence fewer holds the page. */
    void release(int page) {
        requireOpen();
        slabs.giveBack(place(page), tiles(page));
    }

    /** Many pages will be released, and others moved by {@link #slide}. */
    void beginShrink() {
        requireOpen();
        slabs.beginShrink();
    }

    /** Ends what {@link #beginShrink} began. */
    void endShrink() {
        slabs.endShrink();
    }

    /** The page, moved to the first place where it fits, unless others hold it too. */
    int slide(int page) {
        return isShared(page) ? page : number(slabs.slide(place(page), tiles(page)), tiles(page));
    }

    /** Bytes of the slabs that are mapped. */
    long residentBytes() {
        return slabs.bytes();
    }

    private void requireOpen() {
        if (sequences == 0) {
            throw new IllegalStateException("the KV cache is closed");
        }
    }

    private KvSlab slab(int page) {
        requireOpen();
        return slabs.of(place(page));
    }

    /** One sequence fewer uses the store; the last one gives all memory back. */
    @Override
    public void close() {
        sequences--;
        if (sequences == 0) {
            slabs.close();
        }
    }
}
