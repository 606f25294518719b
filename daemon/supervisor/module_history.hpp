// What is known of one module id over time, also over restarts: its generations, what it can go back to, and which
// contents must not be used. Pure; kept as JSON.
#pragma once

#include "supervisor/generation.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace angod::supervisor {

/// A generation as people look back at it.
struct GenerationRecord {
    std::uint64_t number = 0;
    std::string sha256, version;
    std::int64_t since_ms = 0, until_ms = 0; ///< until 0: it serves
    std::string ended;                       ///< why it does not serve any more
};

class ModuleHistory {
public:
    static constexpr std::size_t kGenerations = 10;
    /// How long what was taken away can be gone back to, if the module comes again as another version.
    static constexpr std::int64_t kKeepRemovedMs = 24 * 3'600'000;

    /// Makes a version the one that serves. The one before is what can be gone back to, unless it is quarantined, or
    /// no plugin has ever served with it and there is one with which a plugin has.
    GenerationPtr serve(ModuleVersion version, std::string why_before_ended, std::int64_t now_ms);
    /// Nothing serves any more. What served stays what can be gone back to.
    void end(std::string why, std::int64_t now_ms);
    /// Null if nothing serves.
    const GenerationPtr &current() const { return current_; }
    /// What can be gone back to: another content than the one that serves, good when it was last used; with the number
    /// that it had. Null if there is none.
    const GenerationPtr &rollback_target() const { return rollback_target_; }
    /// What served when an earlier angod ended, as long as nothing has served since. Null if there is none.
    const GenerationPtr &last_served() const { return last_served_; }
    /// The file that what serves comes from by now: it may have been renamed. Of last_served while nothing serves.
    const std::filesystem::path &source() const { return source_; }
    void move_to(std::filesystem::path source) { source_ = std::move(source); }
    /// Nothing has the id: what served when angod ended has been taken away since, and what was taken away long ago is
    /// not gone back to any more. True: something has changed.
    bool forget_removed(std::int64_t now_ms);
    /// A plugin has begun to serve with this content. True: that is news.
    bool prove(const std::string &sha256);

    void quarantine(const std::string &sha256, std::string reason);
    /// Null if the content may be used.
    const std::string *quarantined(const std::string &sha256) const;
    /// The file has another content by now, or an operator wants to try again.
    void release(const std::string &sha256) { quarantined_.erase(sha256); }
    const std::map<std::string, std::string> &quarantined() const { return quarantined_; }
    /// The last ones, the oldest first.
    const std::deque<GenerationRecord> &generations() const { return generations_; }

    std::string to_json() const;
    /// Empty for a text that is not ours.
    static ModuleHistory from_json(std::string_view text);

private:
    void offer_as_rollback_target(GenerationPtr generation);
    bool is_proved(const GenerationPtr &generation) const;

    std::uint64_t last_number_ = 0;
    GenerationPtr current_, rollback_target_, last_served_;
    std::filesystem::path source_;
    std::set<std::string> proved_;                   ///< of the contents of these
    std::map<std::string, std::string> quarantined_; ///< reason by content
    std::deque<GenerationRecord> generations_;
};

} // namespace angod::supervisor
