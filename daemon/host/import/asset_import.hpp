// Creates assets in a project, chunk by chunk, each of them once: what an earlier attempt of the job created is not
// created again.
//
// Before a chunk is sent the checkpoint says so, and when its answer has come the checkpoint says that. In between, after
// a kill as after a lost answer, the chunk is in doubt: it is looked for in Hub, and only what is missing is sent. Equal
// assets that were there before (of an earlier run, or in an earlier chunk) are counted before the chunk is sent, so that
// they are not taken for it. Labels are set, not added: those of a chunk in doubt are simply sent again.
//
// What cannot be told apart: equal assets that somebody else creates in this project while a chunk is in doubt.
#pragma once

#include "host/import/import_chunk.hpp"
#include "host/import/import_search.hpp"
#include "host/import/recent_assets.hpp"
#include "host/job/job.hpp"

#include "rest/hub_api.hpp"
#include "rest/retry.hpp"

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::host {

/// The chunk that has been, or may have been, sent.
struct SentChunk {
    std::vector<std::uint64_t> prints;        ///< of its assets
    std::map<std::uint64_t, std::size_t> had; ///< equal assets that were there before it
    std::optional<std::int64_t> from;         ///< those that are older were not counted
    bool blind = false;                       ///< nobody can look for it
    bool created = false;                     ///< its assets are in Hub; its labels may be missing
};

/// One for each job; job thread. It owns the job's checkpoint.
class AssetImport {
public:
    struct Options {
        std::size_t chunk = 100;            ///< assets in a call, 1 to kMaxChunk
        std::size_t chunk_bytes = 8u << 20; ///< a chunk is also sent when its assets have so many
        std::uint64_t total = 0;            ///< assets in all, for the job's progress; 0: not known
        /// What the caller wants to find again in a later attempt, as JSON of at most 40,000 bytes: where it is in its
        /// sequence when done() assets of it are in Hub. Asked before each save. Empty: nothing.
        std::function<std::string()> position;
        /// How long to wait between two looks for a chunk that is not there: Hub may still be working on it.
        std::vector<std::chrono::milliseconds> patience{
            std::chrono::milliseconds(500), std::chrono::milliseconds(1'000), std::chrono::milliseconds(2'000)};
    };
    static constexpr std::size_t kMaxChunk = 1'000;

    /// job and hub must outlive it.
    AssetImport(Job &job, rest::HubApi &hub, Options options);

    /// So many assets of the sequence, from its start, are in Hub already, with their labels: the caller adds those that
    /// come after them. The sequence is the same in every attempt; if it may have changed, was_sent says what comes next.
    std::uint64_t done() const { return done_; }
    /// What Options::position said in an earlier attempt; empty if nothing.
    const std::string &position() const { return position_; }
    /// An earlier attempt may have sent this asset behind the first done() ones. For a sequence that may have changed:
    /// these are added first, and finish is called behind them.
    bool was_sent(const NewAsset &asset) const;

    /// Sends a chunk when it is full.
    Result<void> add(NewAsset asset);
    /// Sends what is left. More may be added later.
    Result<void> finish();

private:
    using Counts = ImportChunk::Counts;

    void read_checkpoint(std::string_view text);
    Result<void> save();
    Result<void> send();
    Result<void> prepare();
    Result<void> create(bool in_doubt);
    Result<void> post(const Counts &of_each);
    Result<Counts> missing(Code doubt);
    Result<Counts> there(const Counts *enough);
    Result<void> send_labels();
    std::string range() const;
    std::vector<std::uint64_t> prints() const; ///< of the chunk's assets

    Job &job_;
    rest::HubApi &hub_;
    const Options options_;
    ImportSearch search_;
    ImportChunk chunk_;
    std::uint64_t done_ = 0;
    std::string position_;
    std::optional<SentChunk> sent_;
    bool resumed_ = false;                     ///< sent_ is of an earlier attempt
    RecentAssets recent_;                      ///< also what others created
    std::optional<std::int64_t> recent_since_; ///< what was created before this, in Hub's time, is not in recent_
};

} // namespace angod::host
