#include "host/pipeline/unzip.hpp"

#include "unpack/export_zip.hpp"

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <utility>

namespace angod::host {

namespace {

/// The blocks of one queue as the bytes of a zip.
class Blocks {
public:
    explicit Blocks(ByteQueue &in) : in_(in) {}

    Result<std::string_view> next() {
        do {
            in_.give_back(std::exchange(block_, Block()));
            auto more = in_.pop();
            if (!more) return more.error();
            if (!*more) return std::string_view();
            block_ = std::move(**more);
        } while (block_.size() == 0);
        return block_.view();
    }

private:
    ByteQueue &in_;
    Block block_;
};

/// Fills blocks of the other queue with the files of the export.
class Parts {
public:
    explicit Parts(ByteQueue &out) : out_(out), block_(out.fresh()) {}

    bool put(std::string_view bytes) {
        while (!bytes.empty()) {
            bytes.remove_prefix(block_.append(bytes));
            if (block_.room() == 0 && !push()) return false;
        }
        return true;
    }
    bool end() {
        block_.ends_part = true;
        return push();
    }

private:
    bool push() {
        if (!out_.push(std::move(block_))) return false;
        block_ = out_.fresh();
        return true;
    }

    ByteQueue &out_;
    Block block_;
};

} // namespace

void unzip_export(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes,
                  const std::function<void(const std::string &name)> &left_out,
                  const std::function<void(std::uint64_t records)> &promised) {
    try {
        Blocks blocks(in);
        Parts parts(out);
        const ZipBytes next = [&] { return blocks.next(); };
        const ExportSink sink{[&](std::string_view bytes) { return parts.put(bytes); },
                              [&](const std::string &) { return parts.end(); }, left_out, promised};
        const ExportZipOptions options{"the export from Hub", "the zip from Hub", "Run the plugin again.", max_bytes,
                                       "limits.unzip_mb"};
        const auto read = read_export_zip(next, sink, options);
        if (read)
            out.finish();
        else
            out.fail(read.error());
    } catch (const std::exception &e) {
        out.fail(error(Code::io, fmt::format("unzipping failed: {}", e.what())));
    }
    in.close();
}

} // namespace angod::host
