// Metrics in Prometheus' text format, version 0.0.4: families of samples, written one after the other.
#pragma once

#include "base/histogram.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace angod::admin {

class MetricsText {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// type: "gauge", "counter" or "histogram". Its samples follow, all of them, before the next family.
    void family(std::string_view name, std::string_view type, std::string_view help);
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);
    /// Of a family of histograms. The label "le" is added.
    void sample(std::string_view label, std::string_view value, const Histogram &histogram);
    std::string take() { return std::move(out_); }

private:
    void begin(std::string_view suffix, Labels labels);
    std::string out_, name_;
};

} // namespace angod::admin
