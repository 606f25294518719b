// Looks in a project for the assets of a chunk, when it is not known whether Hub has created them.
//
// Hub lists assets newest first with the time of their creation, and what is looked for was created a moment ago: so the
// list is read from its start to where it gets too old. Where a Hub says no times, or keeps another order, the
// assets are asked for by name.
#pragma once

#include "host/import/import_chunk.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

class ImportSearch {
public:
    using Counts = ImportChunk::Counts;
    /// hub must outlive it.
    ImportSearch(rest::HubApi &hub, std::string project) : hub_(hub), project_(std::move(project)) {}

    struct Found {
        Counts counts;                    ///< of each kind of the chunk
        std::optional<std::int64_t> from; ///< only what was created from then on, in Hub's time, was counted
    };
    /// What there is of the chunk, as far as it was created from then on; without a time: a moment before Hub's present
    /// one. It stops early once `enough` is reached, if that is given. all: fingerprints of whatever was created from
    /// then on are added, if the list shows times. Nothing: this Hub gives no way to find out.
    Result<std::optional<Found>> count(const ImportChunk &chunk, std::optional<std::int64_t> from,
                                       const Counts *enough = nullptr, std::vector<std::uint64_t> *all = nullptr);

    /// Hub's list has shown that it is in the order of time.
    bool is_timed() const { return timed_ && !by_name_; }
    bool is_by_name() const { return by_name_; }
    /// What an earlier attempt found out.
    void use_names() { by_name_ = true; }

    /// How far creation times may be behind the Date of Hub's answers, which has full seconds; ms.
    static constexpr std::int64_t kClockMargin = 5'000;

private:
    Result<std::optional<Found>> count_by_time(const ImportChunk &chunk, std::optional<std::int64_t> from,
                                               const Counts *enough, std::vector<std::uint64_t> *all);
    Result<std::optional<Found>> count_by_name(const ImportChunk &chunk, std::optional<std::int64_t> from);

    rest::HubApi &hub_;
    const std::string project_;
    bool timed_ = false, by_name_ = false;
};

/// Which of these names assets of the project have. Bounded; an error (remote) if this Hub cannot be asked by name.
Result<std::set<std::string, std::less<>>> names_in_project(rest::HubApi &hub, const std::string &project,
                                                            const std::vector<std::string_view> &names);

} // namespace angod::host
