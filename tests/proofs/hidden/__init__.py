"""Hidden sites stay hidden: canary addresses in every answer, and attacks on a displaced point."""
