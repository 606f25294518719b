// The messages between angod and a host. A frame is: payload size (u32), type (u8), payload.
//
// Order: the host sends Hello, angod Setup, the host ModuleLoaded or Refused. Then come, for each plugin that the host serves,
// OpenPlugin and its answer, and for each job RunJob and, as its last message, JobFinished.
#pragma once

#include "base/result.hpp"
#include "host_protocol/wire.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::host_protocol {

/// Both sides must have the same value. angod starts the host that it was built with, so a difference means that two
/// installations are mixed.
inline constexpr std::uint32_t kVersion = 4;
/// The longest frame. An event is at most 20 MB as JSON in practice; this leaves room and bounds memory.
inline constexpr std::uint32_t kMaxFrame = 128u << 20;
inline constexpr std::size_t kHeaderSize = 5;
inline constexpr std::size_t kMaxCheckpoint = 65536;

enum class Type : std::uint8_t {
    setup = 1,
    open_plugin,
    run_job,
    cancel_job,
    checkpoint_saved,
    leave,
    call_granted,
    hello = 16,
    module_loaded,
    refused,
    plugin_opened,
    plugin_refused,
    log_line,
    progress,
    checkpoint,
    job_finished,
    call_wanted,
    call_refused,
    heard,
};

// ---- angod to host

struct Setup {
    static constexpr Type kType = Type::setup;
    std::uint32_t version = kVersion;
    std::string module_path; ///< the staged copy
    template <class A> void fields(A &a) { a(version, module_path); }
};

struct OpenPlugin {
    static constexpr Type kType = Type::open_plugin;
    std::string plugin;
    std::uint64_t kind = 0;
    std::string settings; ///< JSON object
    template <class A> void fields(A &a) { a(plugin, kind, settings); }
};

struct RunJob {
    static constexpr Type kType = Type::run_job;
    std::string job, plugin;
    std::uint32_t attempt = 1;
    std::uint64_t age_ms = 0; ///< since the event came
    std::string event;
    std::uint8_t has_checkpoint = 0;
    std::string checkpoint;
    std::string scratch; ///< a folder the host makes and removes
    std::string api_url, ca_file;
    std::string proxy_http, proxy_https, no_proxy; ///< rules of base/proxy.hpp; they may hold a password
    std::uint64_t spool_bytes = 0, unzip_bytes = 0, asset_bytes = 0;
    std::uint8_t tell_answers = 0; ///< a Heard is wanted for each call of Hub
    template <class A> void fields(A &a) {
        a(job, plugin, attempt, age_ms, event, has_checkpoint, checkpoint, scratch, api_url, ca_file, proxy_http,
          proxy_https, no_proxy, spool_bytes, unzip_bytes, asset_bytes, tell_answers);
    }
};

struct CancelJob {
    static constexpr Type kType = Type::cancel_job;
    std::string job;
    template <class A> void fields(A &a) { a(job); }
};

struct CheckpointSaved {
    static constexpr Type kType = Type::checkpoint_saved;
    std::string job;
    std::string problem; ///< empty: it is durable
    template <class A> void fields(A &a) { a(job, problem); }
};

/// No further job comes; the host ends after the running ones.
struct Leave {
    static constexpr Type kType = Type::leave;
    template <class A> void fields(A &) {}
};

/// The job may make one call of Hub's REST API.
struct CallGranted {
    static constexpr Type kType = Type::call_granted;
    std::string job;
    template <class A> void fields(A &a) { a(job); }
};

// ---- host to angod

struct Hello {
    static constexpr Type kType = Type::hello;
    std::uint32_t version = kVersion;
    std::string program_version;
    template <class A> void fields(A &a) { a(version, program_version); }
};

struct ModuleLoaded {
    static constexpr Type kType = Type::module_loaded;
    std::string descriptor; ///< JSON, as `angod-host inspect` prints it
    template <class A> void fields(A &a) { a(descriptor); }
};

/// The module cannot be used at all; the host ends.
struct Refused {
    static constexpr Type kType = Type::refused;
    std::string reason;
    template <class A> void fields(A &a) { a(reason); }
};

struct PluginOpened {
    static constexpr Type kType = Type::plugin_opened;
    std::string plugin;
    template <class A> void fields(A &a) { a(plugin); }
};

struct PluginRefused {
    static constexpr Type kType = Type::plugin_refused;
    std::string plugin, reason;
    template <class A> void fields(A &a) { a(plugin, reason); }
};

struct LogLine {
    static constexpr Type kType = Type::log_line;
    std::string job; ///< empty: for the operator, from the module as a whole
    std::uint32_t level = 0;
    std::string text;
    template <class A> void fields(A &a) { a(job, level, text); }
};

struct Progress {
    static constexpr Type kType = Type::progress;
    std::string job;
    std::uint64_t done = 0, total = 0; ///< total 0: unknown
    template <class A> void fields(A &a) { a(job, done, total); }
};

struct Checkpoint {
    static constexpr Type kType = Type::checkpoint;
    std::string job, bytes;
    template <class A> void fields(A &a) { a(job, bytes); }
};

struct JobFinished {
    static constexpr Type kType = Type::job_finished;
    std::string job;
    std::uint8_t succeeded = 0;
    std::uint8_t silent = 0;              ///< of a success: Hub wants no answer
    std::string value;                    ///< JSON; of a success
    std::string user_text, operator_text; ///< of a failure
    std::int64_t retry_after_ms = -1;
    template <class A> void fields(A &a) { a(job, succeeded, silent, value, user_text, operator_text, retry_after_ms); }
};

/// The job waits for a CallGranted.
struct CallWanted {
    static constexpr Type kType = Type::call_wanted;
    std::string job;
    template <class A> void fields(A &a) { a(job); }
};

/// Hub refused a call, because the API key has made too many of them.
struct CallRefused {
    static constexpr Type kType = Type::call_refused;
    std::string job;
    std::int64_t wait_ms = -1; ///< before further calls with this key, as Hub asked; −1: it told no time
    template <class A> void fields(A &a) { a(job, wait_ms); }
};

/// The answer of Hub's REST API to a call of the job. It holds secrets.
struct Heard {
    static constexpr Type kType = Type::heard;
    std::string job, method, target; ///< target: path and query
    std::uint64_t status = 0;
    std::uint64_t size = 0; ///< of the body, in bytes
    std::string body;       ///< empty if it is too long
    template <class A> void fields(A &a) { a(job, method, target, status, size, body); }
};

// ---- frames

struct Frame {
    Type type{};
    std::string_view payload;
};

/// A message as a whole frame.
template <class M> std::string encode(const M &message) {
    std::string out(kHeaderSize, '\0');
    WireWriter writer(out);
    const_cast<M &>(message).fields(writer); // fields() serves both directions; writing changes nothing
    const auto size = static_cast<std::uint32_t>(out.size() - kHeaderSize);
    for (int i = 0; i < 4; ++i) out[i] = static_cast<char>(size >> (8 * i));
    out[4] = static_cast<char>(M::kType);
    return out;
}

template <class M> Result<M> decode(const Frame &frame) {
    M message;
    WireReader reader(frame.payload);
    message.fields(reader);
    if (!reader.complete()) return error(Code::protocol, "a host message is damaged");
    return message;
}

/// Splits a byte stream into frames.
class FrameBuffer {
public:
    /// The place for the next bytes from the channel; at least 16 KB.
    std::pair<char *, std::size_t> prepare();
    void commit(std::size_t bytes);
    /// The next whole frame, valid until prepare is called; nothing if more bytes are needed.
    Result<std::optional<Frame>> next();

private:
    std::string buffer_;
    std::size_t begin_ = 0, end_ = 0;
};

} // namespace angod::host_protocol
