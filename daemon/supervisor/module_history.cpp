#include "supervisor/module_history.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <utility>

namespace angod::supervisor {

namespace {

std::string to_json(const ModuleVersion &version) {
    return fmt::format(R"({{"source":{},"staged":{},"sha256":{},"descriptor":{}}})",
                       json::quote(version.source.string()), json::quote(version.staged.string()),
                       json::quote(version.sha256), json::quote(version.info.descriptor));
}

std::optional<ModuleVersion> version_from(const json::Value *value) {
    if (!value || !value->IsObject()) return std::nullopt;
    auto info = parse_module_info(json::text_or(*value, "descriptor", ""));
    ModuleVersion version{json::text_or(*value, "source", ""),
                          json::text_or(*value, "staged", ""),
                          json::text_or(*value, "sha256", ""),
                          {}};
    if (!info || version.sha256.empty() || version.staged.empty()) return std::nullopt;
    version.info = std::move(*info);
    return version;
}

std::int64_t number_or(const json::Value &object, std::string_view name, std::int64_t fallback) {
    const json::Value *value = json::find(object, name);
    return value && value->IsInt64() ? value->GetInt64() : fallback;
}

} // namespace

GenerationPtr ModuleHistory::serve(ModuleVersion version, std::string why_before_ended, std::int64_t now_ms) {
    const auto kept = fallback_;
    end(std::move(why_before_ended), now_ms);
    if (fallback_ && fallback_->sha256 == version.sha256) fallback_ = kept; // the same content once more
    if (last_served_ && last_served_->sha256 != version.sha256 && !quarantined_.contains(last_served_->sha256))
        fallback_ = std::move(last_served_);
    last_served_.reset();
    if (fallback_ && fallback_->sha256 == version.sha256) fallback_.reset();
    generations_.push_back({++last_number_, version.sha256, version.info.version, now_ms, 0, ""});
    if (generations_.size() > kGenerations) generations_.pop_front();
    current_ = std::make_shared<const Generation>(Generation{last_number_, std::move(version)});
    return current_;
}

void ModuleHistory::end(std::string why, std::int64_t now_ms) {
    if (!current_) return;
    if (!generations_.empty() && generations_.back().until_ms == 0) {
        generations_.back().until_ms = now_ms;
        generations_.back().ended = std::move(why);
    }
    if (!quarantined_.contains(current_->version.sha256)) fallback_ = current_->version;
    current_.reset();
}

void ModuleHistory::quarantine(const std::string &sha256, std::string reason) {
    quarantined_[sha256] = std::move(reason);
    if (fallback_ && fallback_->sha256 == sha256) fallback_.reset();
    if (last_served_ && last_served_->sha256 == sha256) last_served_.reset();
}

const std::string *ModuleHistory::quarantined(const std::string &sha256) const {
    const auto found = quarantined_.find(sha256);
    return found == quarantined_.end() ? nullptr : &found->second;
}

std::string ModuleHistory::to_json() const {
    std::string generations, quarantined;
    for (const GenerationRecord &one : generations_)
        generations +=
            fmt::format(R"({}{{"number":{},"sha256":{},"version":{},"since_ms":{},"until_ms":{},"ended":{}}})",
                        generations.empty() ? "" : ",", one.number, json::quote(one.sha256), json::quote(one.version),
                        one.since_ms, one.until_ms, json::quote(one.ended));
    for (const auto &[sha256, reason] : quarantined_)
        quarantined += fmt::format(R"({}{{"sha256":{},"reason":{}}})", quarantined.empty() ? "" : ",",
                                   json::quote(sha256), json::quote(reason));
    return fmt::format(R"({{"last_number":{},"current":{},"fallback":{},"quarantined":[{}],"generations":[{}]}})",
                       last_number_,
                       current_       ? supervisor::to_json(current_->version)
                       : last_served_ ? supervisor::to_json(*last_served_)
                                      : "null",
                       fallback_ ? supervisor::to_json(*fallback_) : "null", quarantined, generations);
}

ModuleHistory ModuleHistory::from_json(std::string_view text) {
    ModuleHistory history;
    const auto document = json::parse(text);
    if (!document || !document->IsObject()) return history;
    history.last_number_ = static_cast<std::uint64_t>(number_or(*document, "last_number", 0));
    history.last_served_ = version_from(json::find(*document, "current"));
    history.fallback_ = version_from(json::find(*document, "fallback"));
    if (const auto *list = json::find(*document, "quarantined"); list && list->IsArray())
        for (const auto &one : list->GetArray())
            history.quarantined_[json::text_or(one, "sha256", "")] = json::text_or(one, "reason", "");
    if (const auto *list = json::find(*document, "generations"); list && list->IsArray())
        for (const auto &one : list->GetArray()) {
            history.generations_.push_back({static_cast<std::uint64_t>(number_or(one, "number", 0)),
                                            json::text_or(one, "sha256", ""), json::text_or(one, "version", ""),
                                            number_or(one, "since_ms", 0), number_or(one, "until_ms", 0),
                                            json::text_or(one, "ended", "")});
            if (history.generations_.size() > kGenerations) history.generations_.pop_front();
        }
    // angod ended while it served.
    if (!history.generations_.empty() && history.generations_.back().until_ms == 0)
        history.generations_.back().ended = "angod ended";
    return history;
}

} // namespace angod::supervisor
