// The assets of one call of an import, grouped into kinds: assets with the same name and content are of one kind. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace angod::host {

/// An asset as Hub's import takes it.
struct NewAsset {
    std::string data; ///< URL, or the text itself
    std::string external_id;
    std::vector<std::string> batches; ///< ids
    std::string storage;              ///< id; empty: none
    std::string labels; ///< JSON object as a model gives it; imported after the asset is created; empty: none
};

/// A hash of name and content that identifies an asset. The query of a URL is left out, because it may be a signature
/// that differs each time.
std::uint64_t fingerprint(std::string_view external_id, std::string_view data);

class ImportChunk {
public:
    struct Kind {
        std::uint64_t fingerprint = 0;
        std::vector<std::size_t> assets; ///< indices into assets()
    };
    /// The number of assets of each kind, in the order of kinds().
    using Counts = std::vector<std::size_t>;

    void add(NewAsset asset);
    void clear();

    bool empty() const { return assets_.empty(); }
    std::size_t size() const { return assets_.size(); }
    std::size_t bytes() const { return bytes_; } ///< of names, contents and labels
    const std::vector<NewAsset> &assets() const { return assets_; }
    const std::vector<Kind> &kinds() const { return kinds_; }

    Counts wanted() const;
    Counts none() const { return Counts(kinds_.size(), 0); }
    std::optional<std::size_t> kind_of(std::uint64_t print) const;
    /// Returns the given number of assets of each kind as a JSON array, for "assets" in Hub's import.
    std::string import_json(const Counts &of_each) const;
    /// Returns the assets that have labels as a JSON array, for "jsonContent" in an import of labels; empty if there is
    /// none.
    std::string labels_json() const;
    std::size_t labelled() const; ///< number of assets that have labels

private:
    std::vector<NewAsset> assets_;
    std::vector<Kind> kinds_;
    std::unordered_map<std::uint64_t, std::size_t> kind_of_;
    std::size_t bytes_ = 0;
};

} // namespace angod::host
