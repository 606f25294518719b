// Log lines with fields (plugin, job, module, …), as text or as JSON objects, on stderr.
//
// A Log is a cheap value: the fields it puts on every line. What is written before configure() is kept and
// comes out then, so that no early line is lost or has the wrong format. Thread-safe.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace angod {

enum class LogLevel { debug, info, warning, error };

class Log {
public:
    Log() = default;

    /// The same log with one more field. A value is copied as it is: no secrets.
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
    /// URLs lose their query strings here, once for every line.
    void write(LogLevel level, std::string_view text) const;

    static bool enabled(LogLevel level);
    /// Once, when the configuration is known. level: "debug", "info", "warning" or "error".
    static void configure(std::string_view level, bool json);
    /// Writes what is still held. Last call of main.
    static void flush();

private:
    std::string text_fields_; ///< "plugin=coco job=…"
    std::string json_fields_; ///< "\"plugin\":\"coco\",…"
};

} // namespace angod
