// The result zip of one export, compressed on its own thread while the module works. The code behind "ango.writer".
#pragma once

#include "host/pipeline/byte_queue.hpp"
#include "host/pipeline/spool_file.hpp"
#include "host/pipeline/zip_writer.hpp"

#include "base/hash_set.hpp"

#include <ango/module.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace angod::host {

/// Returns the fault in the name of a zip entry by the rules of module.h; nothing if the name is valid.
std::optional<std::string> entry_name_fault(std::string_view name);

/// Job thread only.
class ZipSpool {
public:
    struct Zip {
        std::filesystem::path path; ///< exists as long as the spool
        std::uint64_t bytes = 0, entries = 0;
    };

    /// The folder must exist. quota and cancel must outlive it.
    static Result<std::unique_ptr<ZipSpool>> create(const std::filesystem::path &folder, SpoolQuota &quota,
                                                    const CancelToken &cancel);
    /// Ends the thread and removes the files.
    ~ZipSpool();
    ZipSpool(const ZipSpool &) = delete;
    ZipSpool &operator=(const ZipSpool &) = delete;

    /// As "ango.writer" specifies. Every status except ANGO_OK is final, and failure() has the reason.
    std::int32_t open(std::string_view name);
    std::int32_t write(std::string_view bytes);
    std::int32_t close();

    /// Closes the open entry and waits for the compression. Call it once, as the last call.
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

    ZipWriter writer_; ///< used only by the thread until it has ended
    const CancelToken &cancel_;
    std::filesystem::path folder_;
    ByteQueue queue_;
    Block block_;               ///< being filled with operations
    char *last_data_ = nullptr; ///< head of the last operation in block_, if it is data
    HashSet names_;
    bool entry_open_ = false;
    std::int32_t status_ = ANGO_OK;
    std::optional<Error> failure_;
    std::optional<Error> thread_failure_; ///< written by the thread before it closes the queue
    std::thread thread_;
};

} // namespace angod::host
