// The rules for the rollback target, and the JSON form of a history.
//
// Invariants: at most one of current and last_served is set; the rollback target has another content than current, and
// is not quarantined; proved contents other than those of current and the target are forgotten. The names of the JSON
// members are older than the names in the code: "fallback" is the rollback target, "current" is also written for
// last_served. They stay, because a downgrade must be able to read them.
#include "supervisor/module_history.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace angod::supervisor {

namespace {

std::int64_t number_or(const json::Value &object, std::string_view name, std::int64_t otherwise) {
    const json::Value *value = json::find(object, name);
    return value && value->IsInt64() ? value->GetInt64() : otherwise;
}

std::string to_json(const Generation &generation, const std::filesystem::path &source, bool proved) {
    const ModuleVersion &version = generation.version;
    return fmt::format(R"({{"number":{},"source":{},"staged":{},"sha256":{},"proved":{},"descriptor":{}}})",
                       generation.number, json::quote(source.string()), json::quote(version.staged.string()),
                       json::quote(version.sha256), proved, json::quote(version.info.descriptor));
}

/// Null if the value describes no generation.
GenerationPtr generation_from(const json::Value *value) {
    if (!value || !value->IsObject()) return nullptr;
    auto info = parse_module_info(json::text_or(*value, "descriptor", ""));
    ModuleVersion version{json::text_or(*value, "source", ""),
                          json::text_or(*value, "staged", ""),
                          json::text_or(*value, "sha256", ""),
                          {}};
    if (!info || version.sha256.empty() || version.staged.empty()) return nullptr;
    version.info = std::move(*info);
    const auto number = static_cast<std::uint64_t>(number_or(*value, "number", 0));
    return std::make_shared<const Generation>(Generation{number, std::move(version)});
}

} // namespace

bool ModuleHistory::is_proved(const GenerationPtr &generation) const {
    return generation && proved_.contains(generation->version.sha256);
}

/// A version that no plugin could use must not replace one that a plugin could use.
void ModuleHistory::offer_as_rollback_target(GenerationPtr generation) {
    if (quarantined_.contains(generation->version.sha256)) return;
    if (is_proved(rollback_target_) && !is_proved(generation)) return;
    rollback_target_ = std::move(generation);
}

bool ModuleHistory::prove(const std::string &sha256) {
    const auto has_it = [&](const GenerationPtr &one) { return one && one->version.sha256 == sha256; };
    if (!has_it(current_) && !has_it(rollback_target_) && !has_it(last_served_)) return false;
    return proved_.insert(sha256).second;
}

GenerationPtr ModuleHistory::serve(ModuleVersion version, std::string why_before_ended, std::int64_t now_ms) {
    if (!current_ && last_served_ && last_served_->version.sha256 == version.sha256)
        return resume(std::move(version), now_ms);
    const auto kept = rollback_target_;
    end(std::move(why_before_ended), now_ms);
    if (rollback_target_ && rollback_target_->version.sha256 == version.sha256)
        rollback_target_ = kept; // the same content once more
    if (last_served_ && last_served_->version.sha256 != version.sha256) offer_as_rollback_target(last_served_);
    last_served_.reset();
    if (rollback_target_ && rollback_target_->version.sha256 == version.sha256) rollback_target_.reset();
    generations_.push_back({++last_number_, version.sha256, version.info.version, now_ms, 0, ""});
    if (generations_.size() > kGenerations) generations_.pop_front();
    source_ = version.source;
    current_ = std::make_shared<const Generation>(Generation{last_number_, std::move(version)});
    std::erase_if(proved_, [&](const std::string &sha256) {
        return sha256 != current_->version.sha256 && (!rollback_target_ || sha256 != rollback_target_->version.sha256);
    });
    return current_;
}

/// After a restart, with the content that served before: the generation goes on.
GenerationPtr ModuleHistory::resume(ModuleVersion version, std::int64_t now_ms) {
    const std::uint64_t number = std::max<std::uint64_t>(1, last_served_->number);
    last_number_ = std::max(last_number_, number);
    last_served_.reset();
    if (generations_.empty() || generations_.back().number != number)
        generations_.push_back({number, version.sha256, version.info.version, now_ms, 0, ""});
    if (generations_.size() > kGenerations) generations_.pop_front();
    generations_.back().until_ms = 0;
    generations_.back().ended.clear();
    source_ = version.source;
    current_ = std::make_shared<const Generation>(Generation{number, std::move(version)});
    return current_;
}

void ModuleHistory::end(std::string why, std::int64_t now_ms) {
    if (!current_) return;
    if (!generations_.empty() && generations_.back().until_ms == 0) {
        generations_.back().until_ms = now_ms;
        generations_.back().ended = std::move(why);
    }
    offer_as_rollback_target(std::exchange(current_, nullptr));
}

bool ModuleHistory::forget_removed(std::int64_t now_ms) {
    if (current_) return false;
    if (last_served_) {
        if (!generations_.empty()) generations_.back().until_ms = now_ms;
        offer_as_rollback_target(std::exchange(last_served_, nullptr));
        return true;
    }
    if (!rollback_target_ || (!generations_.empty() && now_ms - generations_.back().until_ms < kKeepRemovedMs))
        return false;
    rollback_target_.reset();
    return true;
}

void ModuleHistory::quarantine(const std::string &sha256, std::string reason) {
    quarantined_[sha256] = std::move(reason);
    if (rollback_target_ && rollback_target_->version.sha256 == sha256) rollback_target_.reset();
    if (last_served_ && last_served_->version.sha256 == sha256) last_served_.reset();
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
    const auto written = [this](const GenerationPtr &one) {
        if (!one) return std::string("null");
        return supervisor::to_json(*one, one == rollback_target_ ? one->version.source : source_, is_proved(one));
    };
    return fmt::format(R"({{"last_number":{},"current":{},"fallback":{},"quarantined":[{}],"generations":[{}]}})",
                       last_number_, current_ ? written(current_) : written(last_served_), written(rollback_target_),
                       quarantined, generations);
}

ModuleHistory ModuleHistory::from_json(std::string_view text) {
    ModuleHistory history;
    const auto document = json::parse(text);
    if (!document || !document->IsObject()) return history;
    history.last_number_ = static_cast<std::uint64_t>(number_or(*document, "last_number", 0));
    const auto take = [&](std::string_view name) {
        const json::Value *value = json::find(*document, name);
        GenerationPtr generation = generation_from(value);
        const json::Value *proved = generation ? json::find(*value, "proved") : nullptr;
        if (proved && proved->IsTrue()) history.proved_.insert(generation->version.sha256);
        return generation;
    };
    history.last_served_ = take("current");
    if (history.last_served_) history.source_ = history.last_served_->version.source;
    history.rollback_target_ = take("fallback");
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
