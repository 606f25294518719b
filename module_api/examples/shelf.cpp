// Kind File Explorer: shows the files that its settings name, as if they were in folders:
//   "settings": { "url": "https://files.example.test/", "files": ["readme.txt", "photos/1.jpg", "photos/2.jpg"] }
#include <ango/module.hpp>

#include <set>

struct Shelf : ango::FileExplorer {
    std::string base;
    std::set<std::string, std::less<>> files;

    /// Reads the texts between quotes, so that the example needs no JSON library.
    explicit Shelf(std::string_view settings) {
        std::string_view name;
        while (settings.find('"') != settings.npos) {
            settings.remove_prefix(settings.find('"') + 1);
            const std::string_view text = settings.substr(0, settings.find('"'));
            settings.remove_prefix(std::min(settings.size(), text.size() + 1));
            if (text == "url" || text == "files")
                name = text;
            else if (name == "url")
                base = text;
            else
                files.emplace(text);
        }
        if (base.empty()) throw ango::Failure("The settings of a shelf need a \"url\".");
    }

    void list(ango::Job &, const ango::Folder &at, ango::Listing &page) override {
        const auto is_within = [](std::string_view key, std::string_view folder) {
            return !folder.empty() && folder.back() == '/' && key.starts_with(folder);
        };
        std::string last(at.token);
        std::uint32_t entries = 0;
        // Token and entries are in the order of the keys. Only the first key of a folder matters.
        for (auto key = files.lower_bound(std::max(at.token, at.folder)); key != files.end(); ++key) {
            if (!key->starts_with(at.folder)) break;
            if (*key == last || is_within(*key, last)) continue;
            if (entries++ == at.limit) return page.next(last);
            const std::size_t slash = key->find('/', at.folder.size());
            last = key->substr(0, slash == key->npos ? slash : slash + 1);
            if (slash == key->npos)
                page.file(last);
            else
                page.folder(last);
        }
    }

    std::string url(ango::Job &, const ango::Folder &, std::string_view key) override {
        if (!files.contains(key)) throw ango::Failure("There is no file \"" + std::string(key) + "\" any more.");
        return base + std::string(key);
    }
};

ANGO_MODULE(Shelf, {.id = "shelf", .version = "1.0", .summary = "Shows the files that its settings name"})
