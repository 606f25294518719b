// The batches of a project, by name. Hub replaces the whole list at once: it deletes each batch that is not sent along.
#pragma once

#include "rest/hub_api.hpp"

#include "base/result.hpp"
#include "common/names.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::host {

/// The limit for one run. If a CSV names more, its column of batches is probably another column.
inline constexpr std::size_t kMaxNewBatches = 10'000;

/// A name means the batch of the same name, otherwise one whose name looks the same: nobody could tell two such batches
/// apart. A name that differs in upper and lower case means another batch. One for each job; job thread.
class ProjectBatches {
public:
    /// hub must outlive it.
    ProjectBatches(rest::HubApi &hub, std::string project) : hub_(hub), project_(std::move(project)) {}

    /// Creates all batches that the project does not have, in one call. Errors are sentences for the user.
    Result<void> ensure(const std::set<std::string> &names);
    /// Returns the id of a batch that was passed to ensure; empty if Hub has no batch of this name.
    std::string_view id(std::string_view name) const;
    /// Returns sentences for the user about new batches whose names differ from others only in upper and lower case, of
    /// at most the first few, and forgets them.
    std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }
    /// Returns the ids of batches that are named by id or by name, in this order. Errors are sentences for the user;
    /// not_found names the first batch that the project does not have.
    Result<std::vector<std::string>> ids_of(const std::vector<std::string> &batches);
    /// The number of batches that this object created.
    std::size_t created() const { return created_; }

private:
    Result<void> read();
    bool take(const json::Document &answer);
    std::vector<std::string> missing(const std::set<std::string> &names) const;
    Result<void> create(const std::vector<std::string> &names);

    rest::HubApi &hub_;
    const std::string project_;
    void warn_of_letter_case(const std::vector<std::string> &wanted);

    std::vector<std::string> batches_; ///< as Hub describes them, JSON
    ango::common::NameIndex names_;
    std::vector<std::string> ids_; ///< of names_, in the same order
    std::set<std::string> all_ids_;
    std::vector<std::string> warnings_;
    std::size_t created_ = 0;
};

} // namespace angod::host
