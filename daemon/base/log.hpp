// Log lines with fields (plugin, job, module, …), as text or as JSON objects, on stderr.
//
// A Log is a cheap value: the fields it puts on every line. Lines before configure() are held until then, so that no early line
// is lost or has the wrong format. Thread-safe.
//
// By default a line is on stderr when write() returns. The daemon calls use_own_thread(), because no reader of its log may hold
// it up: then write() never waits, and lines for which there is no room are dropped and counted.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace angod {

enum class LogLevel { debug, info, warning, error };

class Log {
public:
    Log() = default;

    /// The same log with one more field. The value is not redacted: it must hold no secret.
    Log with(std::string_view field, std::string_view value) const;

    template <class... A> void debug(fmt::format_string<A...> f, A &&...a) const {
        if (enabled(LogLevel::debug)) write(LogLevel::debug, fmt::format(f, std::forward<A>(a)...));
    }
    template <class... A> void info(fmt::format_string<A...> f, A &&...a) const {
        if (enabled(LogLevel::info)) write(LogLevel::info, fmt::format(f, std::forward<A>(a)...));
    }
    template <class... A> void warning(fmt::format_string<A...> f, A &&...a) const {
        write(LogLevel::warning, fmt::format(f, std::forward<A>(a)...));
    }
    template <class... A> void error(fmt::format_string<A...> f, A &&...a) const {
        write(LogLevel::error, fmt::format(f, std::forward<A>(a)...));
    }
    /// Removes the query strings of URLs.
    void write(LogLevel level, std::string_view text) const;

    static bool enabled(LogLevel level);
    /// When the configuration is known, and again after each reload. level: "debug", "info", "warning" or "error".
    static void configure(std::string_view level, bool json);
    /// Writes on a thread of its own from now on; see log_writer.hpp. Once, before other threads log.
    static void use_own_thread();
    /// A line as it is on stderr, without time and level, at once and whatever was configured.
    static void print(std::string_view text);
    /// How many lines stderr did not take. 0 without a thread of its own.
    static std::uint64_t dropped();
    /// Whether no line waits for the thread. Also in a signal handler, after use_own_thread().
    static bool is_written();
    /// Writes what is still held, and waits a second at most until the thread has done so. Last call of main.
    static void flush();

private:
    std::string text_fields_; ///< "plugin=coco job=…"
    std::string json_fields_; ///< "\"plugin\":\"coco\",…"
};

} // namespace angod
