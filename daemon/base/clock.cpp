#include "base/clock.hpp"

#include <fmt/format.h>

namespace angod {

std::string iso_time(std::int64_t ms_since_1970) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds{ms_since_1970}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

} // namespace angod
