#include "admin/metrics_text.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <iterator>

namespace angod::admin {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; ///< U+FFFD

/// As the format wants it: a file name may hold anything, and one bad byte would cost the whole answer.
std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_length(text, at);
        const char c = text[at];
        if (size == 0)
            out += kReplacement;
        else if (c == '\\')
            out += R"(\\)";
        else if (c == '\n')
            out += R"(\n)";
        else if (c == '"' && quotes)
            out += R"(\")";
        else
            out += text.substr(at, size);
        at += size == 0 ? 1 : size;
    }
    return out;
}

} // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, escaped(help, false), name, type);
}

void MetricsText::begin(std::string_view suffix, Labels labels) {
    out_ += name_;
    out_ += suffix;
    const char *before = "{";
    for (const auto &[name, value] : labels) {
        fmt::format_to(std::back_inserter(out_), "{}{}=\"{}\"", before, name, escaped(value, true));
        before = ",";
    }
    out_ += labels.size() > 0 ? "} " : " ";
}

void MetricsText::sample(Labels labels, std::uint64_t value) {
    begin("", labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void MetricsText::sample(Labels labels, double value) {
    begin("", labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void MetricsText::sample(std::string_view label, std::string_view value, const Histogram &histogram) {
    for (std::size_t at = 0; at <= Histogram::kBounds.size(); ++at) {
        const std::string bound = at < Histogram::kBounds.size() ? fmt::format("{}", Histogram::kBounds[at]) : "+Inf";
        begin("_bucket", {{label, value}, {"le", bound}});
        fmt::format_to(std::back_inserter(out_), "{}\n", histogram.up_to(at));
    }
    begin("_sum", {{label, value}});
    fmt::format_to(std::back_inserter(out_), "{}\n", histogram.sum());
    begin("_count", {{label, value}});
    fmt::format_to(std::back_inserter(out_), "{}\n", histogram.count());
}

} // namespace angod::admin
