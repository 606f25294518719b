#include "export_coco/run_lengths.hpp"

#include "common/numbers.hpp"

#include <cstdint>

namespace ango::export_coco {

using namespace common;

void append_run_lengths(std::string &out, const std::vector<Run> &runs, Size size) {
    out += "{\"size\":[";
    append_integer(out, size.height);
    out += ',';
    append_integer(out, size.width);
    out += "],\"counts\":[";
    std::uint64_t written = 0; // pixels that the counts so far cover
    const auto count_up_to = [&](std::uint64_t pixel) {
        append_integer(out, pixel - written);
        out += ',';
        written = pixel;
    };
    for (std::size_t i = 0; i < runs.size();) {
        const std::uint64_t begin = runs[i].line * size.height + runs[i].begin;
        std::uint64_t end = runs[i].line * size.height + runs[i].end;
        // A run that reaches the foot of a column and goes on at the head of the next is one count.
        for (++i; i < runs.size() && runs[i].line * size.height + runs[i].begin == end; ++i)
            end = runs[i].line * size.height + runs[i].end;
        count_up_to(begin);
        count_up_to(end);
    }
    const std::uint64_t pixels = size.width * size.height;
    if (written < pixels || runs.empty()) count_up_to(pixels);
    out.back() = ']';
    out += '}';
}

} // namespace ango::export_coco
