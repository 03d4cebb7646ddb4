import Dispatch
import ExchangeModel
import Glibc

/// The work a pipeline does on each chunk. Chunks are numbered from 0; chunk `n` lives in slot `n % slots`.
///
/// The first and the second stage see the chunks in order and never two at once; the third may see several at once
/// and in any order. A chunk passes the stages one after another, so a slot belongs to one stage at a time.
protocol PipelineStages: AnyObject, Sendable {
    /// Fills the slot.
    func first(slot: Int, chunk: Int) throws
    /// Works on the filled slot.
    func second(slot: Int, chunk: Int) throws
    /// Empties the slot; gives the number of bytes that are now done, for the progress.
    func third(slot: Int, chunk: Int) throws -> Int
}

/// Told how many bytes are done of how many; called from the pipeline's threads, one call at a time.
public typealias ProgressHandler = @Sendable (_ done: Int64, _ total: Int64) -> Void

/// Runs three stages over chunks on a fixed number of threads, with bounded memory.
///
/// Two of the stages are chains that cannot be split (a digest over the whole content, a cipher over a part), so the
/// threads do not own stages: each takes whatever is ready next, which keeps both cores busy whichever stage is the
/// slowest on the machine at hand.
final class ThreeStagePipeline: @unchecked Sendable {
    // Everything below is read and written only while `mutex` is held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var slotIsFree: [Bool]
    private var firstStarted = 0
    private var firstDone = 0
    private var secondStarted = 0
    private var secondDone = 0
    private var waitingForThird: [Int] = []
    private var thirdDone = 0
    private var bytesDone: Int64 = 0
    private var failure: (any Error)?

    private let slots: Int
    private let chunkCount: Int
    private let totalBytes: Int64
    private let progress: ProgressHandler?

    private enum Step {
        case first(Int)
        case second(Int)
        case third(Int)
        case wait
        case end
    }

    private init(chunkCount: Int, slots: Int, totalBytes: Int64, progress: ProgressHandler?) {
        self.chunkCount = chunkCount
        self.totalBytes = totalBytes
        self.progress = progress
        self.slots = slots
        slotIsFree = [Bool](repeating: true, count: slots)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    /// Works through all chunks and returns when they are done, or throws the first error after every thread stopped.
    static func run(
        _ stages: some PipelineStages,
        chunkCount: Int,
        slots: Int,
        threads: Int,
        totalBytes: Int64,
        progress: ProgressHandler?
    ) throws {
        let pipeline = ThreeStagePipeline(
            chunkCount: chunkCount,
            slots: slots,
            totalBytes: totalBytes,
            progress: progress
        )
        Interruption.heeded {
            DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in pipeline.work(stages) }
        }
        if let failure = pipeline.failure { throw failure }
    }

    private func work(_ stages: some PipelineStages) {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        while true {
            let step = next()
            switch step {
            case .end: return
            case .wait: pthread_cond_wait(changed, mutex)
            case .first(let chunk):
                guard perform({ try stages.first(slot: chunk % slots, chunk: chunk) }) else { return }
                firstDone += 1
                pthread_cond_signal(changed)
            case .second(let chunk):
                guard perform({ try stages.second(slot: chunk % slots, chunk: chunk) }) else { return }
                secondDone += 1
                waitingForThird.append(chunk)
                pthread_cond_signal(changed)
            case .third(let chunk):
                var bytes = 0
                guard perform({ bytes = try stages.third(slot: chunk % slots, chunk: chunk) }) else {
                    return
                }
                slotIsFree[chunk % slots] = true
                thirdDone += 1
                bytesDone += Int64(bytes)
                progress?(bytesDone, totalBytes)
                if thirdDone == chunkCount {
                    pthread_cond_broadcast(changed)
                } else {
                    pthread_cond_signal(changed)
                }
            }
        }
    }

    /// Chooses the next step and marks it as taken.
    private func next() -> Step {
        if failure != nil || thirdDone == chunkCount { return .end }
        if secondStarted == secondDone, secondStarted < firstDone {
            secondStarted += 1
            return .second(secondStarted - 1)
        }
        if !waitingForThird.isEmpty { return .third(waitingForThird.removeFirst()) }
        let slot = firstStarted % slots
        if firstStarted == firstDone, firstStarted < chunkCount, slotIsFree[slot] {
            slotIsFree[slot] = false
            firstStarted += 1
            return .first(firstStarted - 1)
        }
        return .wait
    }

    /// Runs work without holding the lock; keeps the first error.
    private func perform(_ body: () throws -> Void) -> Bool {
        pthread_mutex_unlock(mutex)
        let result = Result {
            try Interruption.check()
            try body()
        }
        pthread_mutex_lock(mutex)
        if case .failure(let error) = result {
            if failure == nil { failure = error }
            return false
        }
        return failure == nil
    }
}

/// One value for each slot of a pipeline, handed from stage to stage with the slot.
///
/// Elements of one Swift array must not be changed by two threads at once, not even different ones; separate objects may.
final class SlotValues<Value>: Sendable {
    // The value is read and written only by the stage that holds the slot, see `PipelineStages`.
    private final class Box: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    private let boxes: [Box]

    init(slots: Int, initial: Value) { boxes = (0..<slots).map { _ in Box(initial) } }

    subscript(slot: Int) -> Value {
        get { boxes[slot].value }
        set { boxes[slot].value = newValue }
    }
}

/// Buffers of one size, one for each slot of a pipeline.
final class SlotBuffers: Sendable {
    // Written and read only by the stage that holds the slot, see `PipelineStages`.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer
    private let stride: Int

    init(slots: Int, bytesEach: Int) {
        stride = (bytesEach + 4_095) / 4_096 * 4_096
        memory = .allocate(byteCount: slots * stride, alignment: 4_096)
    }

    deinit { memory.deallocate() }

    /// The first `count` bytes of a slot's buffer.
    func slice(_ slot: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[slot * stride..<slot * stride + count])
    }
}
