// Looks in a project for the assets of a chunk when it is not known whether Hub has created them.
//
// Hub lists assets newest first with the time of their creation, and the chunk was sent a moment ago. So the search
// reads the list from its start until the assets are too old. If a Hub lists no times, or uses another order, the
// search asks for the assets by name.
#pragma once

#include "host/import/import_chunk.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace angod::host {

class ImportSearch {
public:
    using Counts = ImportChunk::Counts;
    /// hub must outlive it.
    ImportSearch(rest::HubApi &hub, std::string project) : hub_(hub), project_(std::move(project)) {}

    struct Found {
        Counts counts;                    ///< of each kind of the chunk
        std::optional<std::int64_t> from; ///< only assets created since this time of Hub were counted
    };
    /// Counts the assets of the chunk that were created since `from`; without `from`, since a moment before Hub's
    /// present time. Stops early once `enough` is reached, if it is given. all: if the list shows times, receives the
    /// fingerprints of all assets created since then. Returns nothing if this Hub gives no way to find out.
    Result<std::optional<Found>> count(const ImportChunk &chunk, std::optional<std::int64_t> from,
                                       const Counts *enough = nullptr, std::vector<std::uint64_t> *all = nullptr);

    /// Hub's list has shown that it is in the order of time.
    bool is_timed() const { return method_ == Method::by_time; }
    bool is_by_name() const { return method_ == Method::by_name; }
    /// An earlier attempt found out that this Hub has to be asked by name.
    void use_names() { method_ = Method::by_name; }

    /// The largest difference in ms between creation times and the Date of Hub's answers, which has full seconds.
    static constexpr std::int64_t kClockMargin = 5'000;

private:
    /// How to look for assets of this Hub.
    ///
    ///   untested → by_time    a list had assets, with times in order
    ///   untested → by_name    a list had no times, or in another order, or did not end
    ///   by_time  → by_name    the same, later
    ///
    /// untested and by_time both search by time. by_name is final.
    enum class Method { untested, by_time, by_name };

    Result<std::optional<Found>> count_by_time(const ImportChunk &chunk, std::optional<std::int64_t> from,
                                               const Counts *enough, std::vector<std::uint64_t> *all);
    Result<std::optional<Found>> read_by_time(const ImportChunk &chunk, std::optional<std::int64_t> from,
                                              const Counts *enough, std::vector<std::uint64_t> *all, bool &missed);
    Result<std::optional<Found>> count_by_name(const ImportChunk &chunk, std::optional<std::int64_t> from);

    rest::HubApi &hub_;
    const std::string project_;
    Method method_ = Method::untested;
};

} // namespace angod::host
