"""What other sites and programs make of the library: heads of pages, oEmbed, feeds, a sitemap."""
