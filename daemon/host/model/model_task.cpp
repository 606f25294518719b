#include "host/model/model_task.hpp"

#include "base/percent.hpp"

#include <charconv>
#include <chrono>

namespace angod::host {

namespace {

/// Reads a number of `count` digits; −1 if other characters are there.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return -1;
    int value = 0;
    const char *end = text.data() + at + count;
    const auto [stop, failed] = std::from_chars(text.data() + at, end, value);
    return failed == std::errc() && stop == end && text[at] != '-' ? value : -1;
}

std::optional<std::int64_t> time_of_text(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 16 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':') return std::nullopt;
    const int year_ = digits(text, 0, 4), month_ = digits(text, 5, 2), day_ = digits(text, 8, 2);
    const int hour_ = digits(text, 11, 2), minute_ = digits(text, 14, 2);
    if (year_ < 1970 || month_ < 1 || day_ < 1 || hour_ < 0 || minute_ < 0) return std::nullopt;
    const year_month_day date{year(year_), month(static_cast<unsigned>(month_)), day(static_cast<unsigned>(day_))};
    if (!date.ok()) return std::nullopt;
    std::string_view rest = text.substr(16);
    int second_ = 0;
    if (rest.starts_with(':')) {
        second_ = digits(rest, 1, 2);
        if (second_ < 0) return std::nullopt;
        rest.remove_prefix(3);
    }
    if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("0123456789", 1)));
    if (rest != "Z") return std::nullopt; // another time zone, which Hub does not write
    const auto since = sys_days(date).time_since_epoch() + hours(hour_) + minutes(minute_) + seconds(second_);
    return duration_cast<milliseconds>(since).count();
}

} // namespace

std::optional<std::int64_t> time_of(const json::Value &value) {
    if (value.IsInt64()) return value.GetInt64();
    return value.IsString() ? time_of_text(json::view(value)) : std::nullopt;
}

Result<ModelTask> read_task(rest::HubApi &hub, const std::string &id) {
    const rest::Call call{"the task", "GET", "/v2/task/" + percent_encode(id), {{"includeAnswer", "true"}}};
    const auto answer = hub.call(call);
    if (!answer) return answer.error();
    const json::Value *data = json::find(*answer, "data");
    const json::Value *task = data ? json::find(*data, "task") : nullptr;
    if (!task || !task->IsObject())
        return error(Code::protocol, "Hub's answer to the request for the task has no data.task.");
    ModelTask out;
    if (const auto *stage = json::find(*task, "stage"); stage && !stage->IsNull())
        out.stage = stage->IsString() ? std::string(json::view(*stage)) : json::to_text(*stage);
    if (const auto *updated = json::find(*task, "updatedAt"); updated && !updated->IsNull()) {
        out.updated = updated->IsString() ? std::string(json::view(*updated)) : json::to_text(*updated);
        out.updated_ms = time_of(*updated);
    }
    out.answer = answer_of_task(*task);
    return out;
}

} // namespace angod::host
