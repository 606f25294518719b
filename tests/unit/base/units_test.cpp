#include "base/units.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("a size has the unit that fits, and never rounds to nothing or to a thousand") {
    const std::pair<std::uint64_t, const char *> sizes[] = {{0, "0 bytes"},
                                                            {1, "1 byte"},
                                                            {999, "999 bytes"},
                                                            {1000, "1.0 KB"},
                                                            {1049, "1.0 KB"},
                                                            {999'949, "999.9 KB"},
                                                            {999'950, "1.0 MB"},
                                                            {136'123'456, "136.1 MB"},
                                                            {2'500'000'000, "2.5 GB"},
                                                            {18'446'744'073'709'551'615u, "18446.7 PB"}};
    for (const auto &[bytes, text] : sizes) CHECK(size_text(bytes) == text);
}

TEST_CASE("a duration has its two largest units") {
    const std::pair<std::int64_t, const char *> durations[] = {
        {-5, "0 s"},   {0, "0 s"},          {1, "1 s"},    {59, "59 s"},    {60, "1 min"},       {192, "3 min 12 s"},
        {3600, "1 h"}, {3661, "1 h 1 min"}, {3659, "1 h"}, {86'400, "1 d"}, {90'000, "1 d 1 h"}, {864'000, "10 d"}};
    for (const auto &[seconds, text] : durations) CHECK(duration_text(seconds) == text);
}
