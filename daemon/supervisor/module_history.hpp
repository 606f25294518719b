// The history of one module id, also over restarts of angod: its generations, its rollback target, and which contents
// must not be used. Pure; kept as JSON.
//
//   what is set                 meaning
//   current                     a generation serves
//   last_served, no current     it served when angod ended; nothing has served since
//   neither                     nothing serves; what served was removed
//
//   event                       from                          to
//   serve                       any                           current; what served before becomes the rollback target
//   end                         current                       neither; what served becomes the rollback target
//   from_json                   current (before the restart)  last_served
//   forget_removed              last_served                   neither; what served becomes the rollback target
//   forget_removed              neither, for a day            no rollback target
//   quarantine                  any                           the content is not last_served or rollback target any more
#pragma once

#include "supervisor/generation.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace angod::supervisor {

/// A generation as people see it in the history.
struct GenerationRecord {
    std::uint64_t number = 0;
    std::string sha256, version;
    std::int64_t since_ms = 0, until_ms = 0; ///< Unix time; until 0: it serves
    std::string ended;                       ///< why it does not serve any more
};

class ModuleHistory {
public:
    static constexpr std::size_t kGenerations = 10;
    /// A removed version stays the rollback target for so long: the module may come again as another version.
    static constexpr std::int64_t kKeepRemovedMs = 24 * 3'600'000;

    /// Makes a version serve. The version that served before becomes the rollback target, unless it is quarantined, or
    /// no plugin has ever served with it while a plugin has served with the present target. After a restart the content that
    /// served before goes on with its number.
    GenerationPtr serve(ModuleVersion version, std::string why_before_ended, std::int64_t now_ms);
    /// Nothing serves any more. The version that served becomes the rollback target.
    void end(std::string why, std::int64_t now_ms);
    /// Null if nothing serves.
    const GenerationPtr &current() const { return current_; }
    /// Another content than the one that serves, which was good when it was last used, with the number that it had. Null
    /// if there is none.
    const GenerationPtr &rollback_target() const { return rollback_target_; }
    /// The generation that served when angod ended before a restart, as long as nothing has served since. Null if there
    /// is none.
    const GenerationPtr &last_served() const { return last_served_; }
    /// The file that the serving version comes from now: it may have been renamed. While nothing serves: of last_served.
    const std::filesystem::path &source() const { return source_; }
    void move_to(std::filesystem::path source) { source_ = std::move(source); }
    /// No file has the id: last_served was removed, and a version that was removed long ago stops being the rollback
    /// target. True: something has changed.
    bool forget_removed(std::int64_t now_ms);
    /// A plugin has begun to serve with this content. True: the first time.
    bool prove(const std::string &sha256);

    void quarantine(const std::string &sha256, std::string reason);
    /// Null if the content may be used.
    const std::string *quarantined(const std::string &sha256) const;
    /// The file has another content now, or an operator wants to try again.
    void release(const std::string &sha256) { quarantined_.erase(sha256); }
    const std::map<std::string, std::string> &quarantined() const { return quarantined_; }
    /// The last ones, the oldest first.
    const std::deque<GenerationRecord> &generations() const { return generations_; }

    std::string to_json() const;
    /// Empty for a text that to_json did not write.
    static ModuleHistory from_json(std::string_view text);

private:
    GenerationPtr resume(ModuleVersion version, std::int64_t now_ms);
    void offer_as_rollback_target(GenerationPtr generation);
    bool is_proved(const GenerationPtr &generation) const;

    std::uint64_t last_number_ = 0;
    GenerationPtr current_, rollback_target_, last_served_;
    std::filesystem::path source_;
    std::set<std::string> proved_;                   ///< contents with which a plugin has served
    std::map<std::string, std::string> quarantined_; ///< reason by content
    std::deque<GenerationRecord> generations_;
};

} // namespace angod::supervisor
