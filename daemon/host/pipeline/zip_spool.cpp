// The job thread fills blocks with operations: a head of 8 bytes, then a name or data. A queue passes the blocks to the
// compressing thread, which applies the operations to a ZipWriter. So thousands of tiny entries share one hand-over. An
// error of the thread closes the queue; the next call of the module, or finish(), reports it.
#include "host/pipeline/zip_spool.hpp"

#include "host/job/status.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/own_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <functional>

namespace angod::host {

namespace {

constexpr std::size_t kBlocks = 4, kBlockBytes = 512 * 1024;

struct OpHead {
    std::uint32_t op, size;
};

} // namespace

// ---- names ----------------------------------------------------------------------------------------------

std::optional<std::string> entry_name_fault(std::string_view name) {
    if (name.empty()) return "it is empty";
    if (name.size() > 0xffff) return "it is longer than 65,535 bytes";
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return "it holds a control character";
        if (c == '\\') return "it holds a backslash";
    }
    if (json::unquote(json::quote(name)) != name) return "it is not UTF-8";
    for (std::size_t from = 0; from <= name.size();) {
        const std::size_t end = std::min(name.find('/', from), name.size());
        const std::string_view part = name.substr(from, end - from);
        if (part.empty()) return name.front() == '/' ? "it begins with '/'" : "a part of it is empty";
        if (part == "." || part == "..") return "a part of it is '.' or '..'";
        from = end + 1;
    }
    return std::nullopt;
}

// ---- the module's side ----------------------------------------------------------------------------------

Result<std::unique_ptr<ZipSpool>> ZipSpool::create(const std::filesystem::path &folder, SpoolQuota &quota,
                                                   const CancelToken &cancel) {
    auto writer = ZipWriter::create(folder, quota);
    if (!writer) return writer.error();
    return std::unique_ptr<ZipSpool>(new ZipSpool(std::move(*writer), cancel, folder));
}

ZipSpool::ZipSpool(ZipWriter writer, const CancelToken &cancel, std::filesystem::path folder)
    : writer_(std::move(writer)),
      cancel_(cancel),
      folder_(std::move(folder)),
      queue_(kBlocks, kBlockBytes, cancel),
      thread_([this] { compress(); }) {}

ZipSpool::~ZipSpool() {
    queue_.finish();
    queue_.close();
    if (thread_.joinable()) thread_.join();
    files::remove_all(folder_ / "result.zip");
    files::remove_all(folder_ / "result.directory");
}

std::int32_t ZipSpool::open(std::string_view name) {
    if (status_ != ANGO_OK) return status_;
    const auto fault = entry_name_fault(name);
    if (fault)
        return fail(error(Code::invalid, fmt::format("the module gave an entry of the result the name {}: {}",
                                                     json::quote(name.substr(0, 200)), *fault)));
    if (!names_.insert(name))
        return fail(error(Code::invalid, fmt::format("the module gave two entries of the result the same name {}",
                                                     json::quote(name.substr(0, 200)))));
    if (entry_open_)
        if (const auto status = close(); status != ANGO_OK) return status;
    entry_open_ = true;
    return put(Op::open, name);
}

std::int32_t ZipSpool::write(std::string_view bytes) {
    if (status_ != ANGO_OK) return status_;
    if (!entry_open_) return fail(error(Code::invalid, "the module wrote to the result while no entry was open"));
    return bytes.empty() ? ANGO_OK : put(Op::data, bytes);
}

std::int32_t ZipSpool::close() {
    if (status_ != ANGO_OK) return status_;
    if (!entry_open_) return fail(error(Code::invalid, "the module closed an entry of the result while none was open"));
    entry_open_ = false;
    return put(Op::close, {});
}

std::int32_t ZipSpool::put(Op op, std::string_view bytes) {
    // A name must be in one piece. Its 64 KB at most fit into any block.
    const std::size_t least = sizeof(OpHead) + (op == Op::data ? 1 : bytes.size());
    do {
        if (op == Op::data && last_data_ && block_.room() > 0) { // append to the operation before
            const std::size_t taken = block_.append(bytes);
            OpHead head;
            std::memcpy(&head, last_data_, sizeof head);
            head.size += static_cast<std::uint32_t>(taken);
            std::memcpy(last_data_, &head, sizeof head);
            bytes.remove_prefix(taken);
            continue;
        }
        if (!block_ || block_.room() < least)
            if (!push()) return status_;
        const std::size_t size = std::min(bytes.size(), block_.room() - sizeof(OpHead));
        const OpHead head{static_cast<std::uint32_t>(op), static_cast<std::uint32_t>(size)};
        last_data_ = op == Op::data ? block_.end() : nullptr;
        block_.append({reinterpret_cast<const char *>(&head), sizeof head});
        block_.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
    } while (!bytes.empty());
    return ANGO_OK;
}

/// Passes the filled block on and takes an empty one.
bool ZipSpool::push() {
    last_data_ = nullptr;
    if (block_.size() > 0 && !queue_.push(std::exchange(block_, Block()))) {
        fail(cancel_.cancelled() ? error(Code::cancelled, "cancelled")
                                 : thread_failure_.value_or(error(Code::io, "compressing the result failed")));
        return false;
    }
    block_ = queue_.fresh();
    return true;
}

std::int32_t ZipSpool::fail(Error why) {
    failure_ = std::move(why);
    return status_ = failure_->code == Code::invalid ? ANGO_INVALID : status_of(*failure_);
}

Result<ZipSpool::Zip> ZipSpool::finish() {
    if (status_ == ANGO_OK && entry_open_) close();
    if (status_ == ANGO_OK && block_) push();
    queue_.finish();
    thread_.join();
    if (failure_) return *failure_;
    if (thread_failure_) return *(failure_ = thread_failure_);
    return Zip{writer_.path(), writer_.size(), writer_.entries()};
}

// ---- the compressing thread -----------------------------------------------------------------------------

void ZipSpool::compress() {
    name_thread("deflate");
    const auto run = [this]() -> Result<void> {
        for (;;) {
            auto block = queue_.pop();
            if (!block) return block.error();
            if (!*block) return queue_.closed() ? Result<void>() : writer_.finish();
            if (auto done = apply((*block)->view()); !done) return done;
            queue_.give_back(std::move(**block));
        }
    };
    try {
        if (const auto done = run(); !done) thread_failure_ = done.error();
    } catch (const std::exception &e) {
        thread_failure_ = error(Code::io, fmt::format("compressing the result failed: {}", e.what()));
    }
    queue_.close();
}

Result<void> ZipSpool::apply(std::string_view block) {
    while (!block.empty()) {
        OpHead head;
        std::memcpy(&head, block.data(), sizeof head);
        const std::string_view bytes = block.substr(sizeof head, head.size);
        block.remove_prefix(sizeof head + head.size);
        const auto op = static_cast<Op>(head.op);
        auto done = op == Op::open   ? writer_.begin_entry(bytes)
                    : op == Op::data ? writer_.write(bytes)
                                     : writer_.end_entry();
        if (!done) return done;
    }
    return {};
}

} // namespace angod::host
