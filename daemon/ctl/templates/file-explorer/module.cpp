// A file explorer: shows what lies directly in a folder, and where Hub finds it.
#include <ango/module.hpp>

#include <string>
#include <string_view>

struct ModuleClass : ango::FileExplorer {
    void list(ango::Job &, const ango::Folder &at, ango::Listing &page) override {
        const std::string folder(at.folder); // "" is the topmost one, others end in '/'
        if (folder.empty()) page.folder("photos/");
        for (const std::string_view name : {"1.jpg", "2.jpg"}) {
            const std::string key = folder + std::string(name);
            page.file(key, "https://files.example/" + key);
        }
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Shows two files in each folder"})
