// Behind "ango.writer": the result zip of one export, compressed on a thread of its own while the module works.
#pragma once

#include "host/pipeline/byte_queue.hpp"
#include "host/pipeline/spool_file.hpp"
#include "host/pipeline/zip_writer.hpp"

#include <ango/module.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace angod::host {

/// Hashes of what was put in, 64 bits each: memory of about 16 bytes an element. Two different names are taken
/// for the same once in 37,000 zips of a million entries.
class NameSet {
public:
    /// False if it is in already.
    bool insert(std::string_view name);

private:
    bool place(std::uint64_t hash);
    std::vector<std::uint64_t> slots_; ///< 0: free
    std::size_t used_ = 0;
};

/// What is wrong with the name of a zip entry, by the rules of module.h; nothing if it is fine.
std::optional<std::string> entry_name_fault(std::string_view name);

/// Job thread only.
class ZipSpool {
public:
    struct Zip {
        std::filesystem::path path; ///< valid as long as the spool
        std::uint64_t bytes = 0, entries = 0;
    };

    /// The folder must exist. quota and cancel must outlive it.
    static Result<std::unique_ptr<ZipSpool>> create(const std::filesystem::path &folder, SpoolQuota &quota,
                                                    const CancelToken &cancel);
    /// Ends the thread and removes the files.
    ~ZipSpool();
    ZipSpool(const ZipSpool &) = delete;
    ZipSpool &operator=(const ZipSpool &) = delete;

    /// As "ango.writer" says. What is not ANGO_OK is final and has its reason in failure().
    std::int32_t open(std::string_view name);
    std::int32_t write(std::string_view bytes);
    std::int32_t close();

    /// Closes the open entry and waits for the compression. Call once; nothing else after it.
    Result<Zip> finish();

    const std::optional<Error> &failure() const { return failure_; }

private:
    enum class Op : std::uint32_t { open, data, close };

    ZipSpool(ZipWriter writer, const CancelToken &cancel, std::filesystem::path folder);
    std::int32_t put(Op op, std::string_view bytes);
    bool push();
    std::int32_t fail(Error why);
    void compress();
    Result<void> apply(std::string_view block);

    ZipWriter writer_; ///< the thread's until it has ended
    const CancelToken &cancel_;
    std::filesystem::path folder_;
    ByteQueue queue_;
    Block block_;               ///< being filled with operations
    char *last_data_ = nullptr; ///< head of the last operation in block_, if it is data
    NameSet names_;
    bool entry_open_ = false;
    std::int32_t status_ = ANGO_OK;
    std::optional<Error> failure_;
    std::optional<Error> thread_failure_; ///< written by the thread before it closes the queue
    std::thread thread_;
};

} // namespace angod::host
