/// The page's style sheet; the engines' colours are Palette's.
enum HTMLStyle {
    static let sheet = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1d2127;--soft:#616875;--grid:#e4e7ec;\
        --axis:#a5acb8;--good:#1a7f37;--bad:#c62828}
        @media(prefers-color-scheme:dark){:root{--page:#14171c;--card:#1c2027;--ink:#e7eaf0;--soft:#9aa3b2;\
        --grid:#2d333d;--axis:#5b6473;--good:#56d364;--bad:#ff7b72}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",\
        sans-serif}
        main{max-width:1320px;margin:0 auto;padding:28px 24px 56px}
        h1{margin:0;font-size:28px;letter-spacing:-.01em}
        h2{margin:0 0 10px;font-size:18px}
        header p{margin:2px 0 16px;color:var(--soft)}
        dl{display:flex;flex-wrap:wrap;gap:10px 34px;margin:0 0 26px}
        dt{font-size:12px;color:var(--soft)}
        dd{margin:0;font-weight:550}
        section,footer{background:var(--card);border:1px solid var(--grid);border-radius:10px;padding:20px 22px;\
        margin-bottom:22px}
        .legend{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:0 0 14px;padding:0;font-size:13px}
        .legend li::before{content:"";display:inline-block;width:12px;height:12px;border-radius:3px;\
        background:var(--c,var(--soft));margin-right:7px;vertical-align:-1px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:20px 28px}
        figure{margin:0;min-width:0}
        figcaption{display:flex;flex-wrap:wrap;align-items:center;gap:0 10px;margin-bottom:6px;font-size:14px}
        figcaption span{color:var(--soft);font-size:13px}
        .key{margin-left:auto;display:block;width:190px;height:16px}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{font-size:12.5px;fill:var(--ink)}
        svg .tick{fill:var(--soft);font-size:12px}
        svg .value,svg .tick{font-variant-numeric:tabular-nums}
        svg .name{fill:var(--c,var(--ink));font-weight:550}
        .grid{stroke:var(--grid)}
        .axis{stroke:var(--axis)}
        .line{fill:none;stroke:var(--c,var(--soft));stroke-width:2.2;stroke-linejoin:round}
        .range{stroke:var(--c,var(--soft));stroke-width:5;opacity:.22}
        .lead{stroke:var(--c,var(--soft));opacity:.5}
        .dot{fill:var(--c,var(--soft));stroke:var(--card);stroke-width:1}
        .hollow{fill:var(--card);stroke:var(--c,var(--soft));stroke-width:2}
        .span{stroke:var(--c,var(--soft));stroke-width:2;opacity:.55}
        .bar{fill:var(--c,var(--soft))}
        .whisker{stroke:var(--ink);stroke-width:1.3;opacity:.75}
        details{margin-top:12px}
        summary{cursor:pointer;color:var(--soft);font-size:14px}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;margin-top:8px;width:100%}
        th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
        th{color:var(--soft);font-weight:550}
        th:first-child,td:first-child,.text{text-align:left}
        td.text{white-space:normal}
        td.id{white-space:nowrap;text-align:left;color:var(--soft)}
        .met{color:var(--good);font-weight:600}
        .missed{color:var(--bad);font-weight:600}
        .skipped{color:var(--soft)}
        .note,footer{color:var(--soft);font-size:13.5px}
        .note{margin:8px 0 0}
        footer h2{color:var(--ink);font-size:15px}
        footer ul{margin:0;padding-left:20px}

        """
}
